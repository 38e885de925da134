// Beside every plot, so that charts below each other have one x axis.
export const GUTTER = 64;
export const RIGHT_PADDING = 10;
