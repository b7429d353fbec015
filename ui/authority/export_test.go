package authority

// Difference and Differences are what a change is told by.
type Difference = difference

// Differences are the values that a change makes others.
var Differences = differences
