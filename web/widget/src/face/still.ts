// The face that never moves: one line to be stroked, for the bubble, which has to weigh next to nothing.

export const STILL_BOX = '0 0 48 48'
export const STILL_PATH = 'M17.5 18.5v4M30.5 18.5v4M14.5 29.5c5 6.5 14 6.5 19 0'
