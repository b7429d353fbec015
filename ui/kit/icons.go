package kit

import (
	_ "embed"
	"strings"
	"sync"
)

// iconLines are the icons of Tabler Icons (MIT, see LICENSE-tabler-icons.txt) that we use, one a line: the
// name, a tab, the shapes inside a 24 by 24 box.
//
//go:embed icons.txt
var iconLines string

var iconShapes = sync.OnceValue(func() map[string]string {
	shapes := map[string]string{}
	for line := range strings.Lines(iconLines) {
		if name, shape, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			shapes[name] = shape
		}
	}
	return shapes
})

// HasIcon tells whether an icon of that name can be drawn.
func HasIcon(name string) bool {
	_, ok := iconShapes()[name]
	return ok
}

func filled(name string) bool { return strings.HasSuffix(name, "-filled") }
