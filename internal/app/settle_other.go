//go:build !linux

package app

// dropFilePages is nothing where the system is not known.
func dropFilePages() {}
