package app

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// dropFilePages lets go of the pages of the program's own file that may not be written to. They are unmapped, not lost: whoever touches one gets
// it back from the file. Where anything about that is not as expected, nothing is done: it saves memory and nothing depends on it.
func dropFilePages() {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer func() { _ = maps.Close() }()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 6 || fields[5] != program || strings.Contains(fields[1], "w") {
			continue
		}
		var from, to uintptr
		if _, err := fmt.Sscanf(fields[0], "%x-%x", &from, &to); err != nil || to <= from {
			continue
		}
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, from, to-from, syscall.MADV_DONTNEED)
	}
}
