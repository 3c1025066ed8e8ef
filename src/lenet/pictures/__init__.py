"""From any picture to what a network reads; knows no data set."""
