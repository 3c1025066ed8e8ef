"""Measures a trained network: its robustness, how its maps move, its receptive fields.

A map that moves with the image is equivariant (`lenet.evaluation.probe.equivariance`). A unit's
receptive field is the pixels that it sees.
"""
