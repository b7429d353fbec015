package intake

import (
	"mime"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

const unknownBytes = "application/octet-stream"

// mediaType is what a file is by its first bytes. What its sender declares is believed only where the bytes allow it: a page
// that calls itself a picture is a page. It is never used to show a file, only to say what it is.
func mediaType(declared string, content []byte) string {
	declared, _, err := mime.ParseMediaType(declared)
	if err != nil || !strings.Contains(declared, "/") || declared == unknownBytes {
		declared = ""
	}
	seen := mimetype.Detect(content)
	for kind := seen; kind != nil; kind = kind.Parent() {
		if declared != "" && kind.Is(declared) {
			return declared
		}
	}
	name, _, _ := mime.ParseMediaType(seen.String()) // the library's own names are well formed
	if declared != "" && vague(name, declared) {
		return declared
	}
	return name
}

// vague tells whether bytes say so little that what was declared may be so: any text may be a table, an archive a document of an
// office program; bytes that nobody knows may be anything but a page or a program that a browser would run.
func vague(seen, declared string) bool {
	switch seen {
	case "text/plain":
		return strings.HasPrefix(declared, "text/") && declared != "text/html" || declared == "application/json" || declared == "application/csv"
	case "application/zip":
		return strings.HasPrefix(declared, "application/vnd.")
	case unknownBytes:
		return !strings.HasPrefix(declared, "text/") && !strings.Contains(declared, "xml") && !strings.Contains(declared, "script")
	}
	return false
}
