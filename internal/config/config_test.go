package config_test

import (
	"log/slog"
	"strings"
	"testing"

	"makegood/internal/config"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*config.Config)
		names  string // what the complaint must name; empty when there is none
	}{
		"complete":        {func(*config.Config) {}, ""},
		"no database":     {func(c *config.Config) { c.DatabaseURL = "" }, "MAKEGOOD_DATABASE_URL"},
		"no secret":       {func(c *config.Config) { c.SecretKey = "" }, "MAKEGOOD_SECRET_KEY"},
		"short secret":    {func(c *config.Config) { c.SecretKey = "q8Zt3-vN0xR7" }, "MAKEGOOD_SECRET_KEY"},
		"uniform secret":  {func(c *config.Config) { c.SecretKey = strings.Repeat("changeme", 8) }, "MAKEGOOD_SECRET_KEY"},
		"bare host":       {func(c *config.Config) { c.PublicURL = "desk.example.com" }, "MAKEGOOD_PUBLIC_URL"},
		"other scheme":    {func(c *config.Config) { c.PublicURL = "ftp://desk.example.com" }, "MAKEGOOD_PUBLIC_URL"},
		"no port":         {func(c *config.Config) { c.HTTPAddr = "localhost" }, "MAKEGOOD_HTTP_ADDR"},
		"unknown role":    {func(c *config.Config) { c.Roles = []string{"web", "cook"} }, `"cook"`},
		"mail too large":  {func(c *config.Config) { c.LargestMail = 41 }, "MAKEGOOD_LARGEST_MAIL"},
		"half a provider": {func(c *config.Config) { c.OIDC.Issuer = "https://sso.example.com" }, "MAKEGOOD_OIDC_CLIENT_ID"},
		"no provider":     {func(c *config.Config) { c.OIDC.Issuer, c.OIDC.ClientID, c.OIDC.ClientSecret = "sso", "a", "b" }, "MAKEGOOD_OIDC_ISSUER"},
		"the roles apart": {func(c *config.Config) { c.Roles = []string{"worker"} }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			filled := config.Config{
				DatabaseURL: "postgres://makegood@db/makegood", SecretKey: "q8Zt3-vN0xR7_kLw5Bd1-yHs9Cf2_mPj4",
				PublicURL: "https://desk.example.com", HTTPAddr: ":8080", Roles: []string{"web", "worker"},
			}
			c.change(&filled)
			err := filled.Check()
			switch {
			case c.names == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.names != "" && (err == nil || !strings.Contains(err.Error(), c.names)):
				t.Errorf("want a complaint about %s, got %v", c.names, err)
			case err != nil && filled.SecretKey != "" && strings.Contains(err.Error(), filled.SecretKey):
				t.Errorf("the complaint shows the secret: %v", err)
			}
		})
	}
}

func TestLevelAndRoles(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]slog.Level{"debug": slog.LevelDebug, "WARN": slog.LevelWarn, "": slog.LevelInfo, "loud": slog.LevelInfo} {
		if got := (config.Config{LogLevel: word}).Level(); got != want {
			t.Errorf("%q: %v, want %v", word, got, want)
		}
	}
	if c := (config.Config{Roles: []string{"worker"}}); c.Is("web") || !c.Is("worker") {
		t.Error("a worker is a worker alone")
	}
}
