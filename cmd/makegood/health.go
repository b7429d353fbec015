package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

type healthCommand struct {
	URL string `help:"Server to ask; without it the one at MAKEGOOD_HTTP_ADDR."`
}

// Run asks /readyz.
func (c *healthCommand) Run(ctx context.Context, set *settings, s streams) error {
	address := c.URL
	if address == "" {
		address = "http://" + set.HTTPAddr
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(address, "/")+"/readyz", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("no server at %s: %w", address, err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1000))
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(s.out, string(text)); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return failure(1)
	}
	return nil
}
