package bench

import (
	"fmt"
	"io"
)

func writePreview(t io.Writer, list []PreviewFigures) {
	_, _ = fmt.Fprintln(t, "request\tmemos\tclients\ta second\tp50 ms\tp95 ms\tp99 ms\tmust\t")
	for _, f := range list {
		_, _ = fmt.Fprintf(t, "%s\t%d\t%d\t%.0f\t%.2f\t%.2f\t%.2f\t%s\t\n", f.What, f.Memos, f.Clients, f.Rate, f.P50, f.P95, f.P99, f.verdict())
	}
}

func (f PreviewFigures) verdict() string {
	switch {
	case f.Met == nil:
		return ""
	case f.MustP50 > 0:
		return fmt.Sprintf("%s: p50 %.1f ms", met(*f.Met), f.MustP50)
	}
	return fmt.Sprintf("%s: p95 %.0f ms", met(*f.Met), f.MustP95)
}
