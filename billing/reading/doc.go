// Package reading reads an account in another system by itself, page by page, and hands what it read to an import.
package reading
