/* The engine's C interface.
 *
 * A plan holds the widths of one network and the kernels of one instruction set. It computes on the
 * caller's own arrays and keeps none of them. All functions may be called from several threads at
 * once, also with the same plan. All arrays are contiguous and in C order.
 *
 * Python's declarations are in src/lenet/engine/library.py; a test compares the two. */
#ifndef LENET_ENGINE_H
#define LENET_ENGINE_H

#include <stdint.h>

#if defined(_WIN32)
#define LENET_API __declspec(dllexport)
#else
#define LENET_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The number of this interface. It changes whenever a function of this file changes: a library whose
 * number is another one is never called. */
enum { LENET_INTERFACE = 1 };

/* The status that every function with an int result returns. */
enum {
  LENET_OK = 0,
  LENET_OUT_OF_MEMORY = 1,
  LENET_UNKNOWN_VARIANT = 2, /* no such instruction set, or this machine does not have it */
  LENET_BAD_SHAPE = 3        /* the layers do not fit each other, or are larger than the kernels count */
};

/* Return LENET_INTERFACE. Callers ask for it before they call any other function. */
LENET_API int lenet_interface(void);

typedef struct lenet_plan lenet_plan;
typedef struct lenet_sequence_plan lenet_sequence_plan;

/* Return the name of an instruction set that this machine can run: number 0 is the fastest. Return
 * null after the last one. */
LENET_API const char* lenet_variant(int number);

/* Measure for `seconds` how many multiply-accumulates per second `threads` threads reach with only
 * FMA instructions. Return 0 for an unknown variant or if memory runs out. */
LENET_API double lenet_peak(const char* variant, int threads, double seconds);

/* ---- Batches: networks of two convolution blocks and fully connected layers ---- */

/* Make a plan.
 * shape [6 + layers]: input channels, input side, activation, pooling, channels of convolution 1,
 *   channels of convolution 2, then the units of each of the `layers` fully connected layers. The
 *   numbers of activations and poolings are in batch/spec.hpp.
 * none_score: the constant score of the class "none", or null for a network without it. */
LENET_API int lenet_plan_create(const char* variant, const int32_t* shape, int layers,
                                const float* none_score, lenet_plan** plan);
/* Free a plan. */
LENET_API void lenet_plan_free(lenet_plan* plan);

/* Compute scores.
 * parameters: weight and bias of each layer, in order.
 * pixels [count][side][side][channels]; a pixel becomes pixel * scale + offset.
 * scores [count][classes]. */
LENET_API int lenet_forward(lenet_plan* plan, const float* const* parameters, const uint8_t* pixels,
                            int64_t count, float scale, float offset, int threads, float* scores);

/* Compute the output of every layer. outputs[layer] is [count][sizes[layer]]. An activation, a
 * pooling and the flattening count as layers. The other arguments are those of lenet_forward. */
LENET_API int lenet_activations(lenet_plan* plan, const float* const* parameters,
                                const uint8_t* pixels, int64_t count, float scale, float offset,
                                int layers, const int64_t* sizes, float* const* outputs);

/* Compute the mean cross-entropy of some images and its gradient by every parameter. The result has
 * the same bits for any number of threads.
 * labels: the class of each image; the number of classes stands for "none".
 * gradients: one array for each parameter, of the same shape.
 * targets: probabilities [images][classes, and "none" if the network has it], or null for labels.
 * index [count]: the numbers of the images.
 * correct: the number of images whose best class is the label.
 * parts: null, or an array to which the seconds of each part of the work are added, in the order of
 *   common/stopwatch.hpp. Several threads leave it unchanged. */
LENET_API int lenet_gradients(lenet_plan* plan, const float* const* parameters,
                              float* const* gradients, const uint8_t* pixels, const int64_t* labels,
                              const float* targets, const int64_t* index, int64_t count,
                              float scale, float offset, int threads, double* mean_loss,
                              int64_t* correct, double* parts);

/* Take a step of stochastic gradient descent, with the bits of PyTorch's on processors that have
 * fused multiply-add, on all processors.
 * parameters, gradients: `arrays` arrays of sizes[array] values; the parameters are changed.
 * velocities: the same for the velocities, which are changed too; null without momentum. */
LENET_API int lenet_descend(const char* variant, float* const* parameters,
                            float* const* gradients, float* const* velocities, int arrays,
                            const int64_t* sizes, float learning_rate, float momentum,
                            float weight_decay);

/* ---- Sequences: the networks of 1989 to 1998, which learn from one image at a time ---- */

/* Make a plan for a chain of operations.
 * numbers: for each operation its kind, squash, size, stride, unit_bias, channels and number of
 *   links, then the output map and the input map of each link: see sequence/sequence_spec.hpp.
 * values: for each operation its value, then the codes of radial basis units. */
LENET_API int lenet_sequence_create(const char* variant, int in_channels, int in_side,
                                    int operations, const int32_t* numbers, const float* values,
                                    lenet_sequence_plan** plan);
/* Free a plan. */
LENET_API void lenet_sequence_free(lenet_sequence_plan* plan);

/* Compute scores [count][classes]. The arguments are those of lenet_forward. */
LENET_API int lenet_sequence_forward(lenet_sequence_plan* plan, const float* const* parameters,
                                     const uint8_t* pixels, int64_t count, float scale,
                                     float offset, int threads, float* scores);

/* Go through the images of `index`, one after another, on the calling thread.
 * mode 0: take a step after each image; `others` holds the rate of each parameter.
 * mode 1: write the mean gradient to `others`. mode 2: write the mean second derivative.
 * discriminative: squashed outputs minimise equation 9 of 1998 instead of the squared error.
 * loss, correct: sums over the images, each taken before its own step. */
LENET_API int lenet_sequence_learn(lenet_sequence_plan* plan, int mode, int discriminative,
                                   float* const* parameters, float* const* others,
                                   const uint8_t* pixels, const int64_t* labels, float scale,
                                   float offset, const int64_t* index, int64_t count, double* loss,
                                   int64_t* correct);

/* ---- Distorted images ---- */

/* Distort square images of at most 64x64.
 * matrices [count][2][2], shifts [count][2]: map a place of the result to a place of the image.
 *   Rows come before columns, and both are counted from the middle of the image.
 * fields [fields][2][side][side]: displacements that are added to the place of each pixel.
 * field [count], amplitudes [count]: the number of each image's field, and the factor of its
 *   displacements. All three are null without displacements.
 * tones [count][3]: blur, gain and bias of each image; or null.
 * images, out: [count][side][side]. */
LENET_API int lenet_warp(const char* variant, int side, const float* matrices, const float* shifts,
                         const float* fields, const int32_t* field, const float* amplitudes,
                         const float* tones, const uint8_t* images, int64_t count, int threads,
                         uint8_t* out);

#ifdef __cplusplus
}
#endif
#endif
