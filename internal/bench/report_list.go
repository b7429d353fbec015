package bench

import (
	"fmt"
	"io"
)

func writeList(t io.Writer, list []ListFigures) {
	_, _ = fmt.Fprintln(t, "page\tcases\tclients\tpages/s\tp50 ms\tp95 ms\tp99 ms\tmust\t")
	for _, f := range list {
		verdict := ""
		if f.Met != nil {
			verdict = fmt.Sprintf("%s: %.0f ms", met(*f.Met), f.Must)
		}
		_, _ = fmt.Fprintf(t, "%s\t%d\t%d\t%.0f\t%.1f\t%.1f\t%.1f\t%s\t\n", f.What, f.Cases, f.Clients, f.Rate, f.P50, f.P95, f.P99, verdict)
	}
}
