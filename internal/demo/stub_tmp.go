package demo
import "context"
func (f *filler) planCases() error { return nil }
func (f *filler) end(ctx context.Context) error { return nil }
