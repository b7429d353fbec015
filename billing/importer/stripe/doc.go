// Package stripe reads Stripe's objects from files: a single object, a list, an array, events, or one JSON value a line.
// What we have no field for is kept as the object itself; values we do not know are noted, never fatal. It is pure.
package stripe
