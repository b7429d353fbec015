//go:build !linux

package main

// dieWithGoRun has no counterpart here.
func dieWithGoRun() {}
