package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"makegood/internal/access"
	"makegood/internal/app"
	"makegood/internal/people"
)

type userCommand struct {
	Add  userAdd  `cmd:"" help:"Add a user."`
	Link userLink `cmd:"" help:"Print a link by which a user chooses a new password, for when nobody else can let them in."`
}

type userAdd struct {
	Email    string   `arg:"" help:"Mail address."`
	Name     string   `required:"" help:"Full name."`
	Role     []string `required:"" enum:"agent,senior,supervisor,controller,director,collections,auditor,admin" help:"Roles, by comma."`
	Password string   `env:"MAKEGOOD_NEW_PASSWORD" help:"Password; without it one is made and printed once."`
}

// Run adds the user.
func (c *userAdd) Run(ctx context.Context, set *settings, s streams) error {
	return closed(ctx, set, s, func(a *app.App) error {
		made := c.Password == ""
		if made {
			c.Password = rand.Text()
		}
		in := people.NewUser{Email: c.Email, Name: c.Name, Password: c.Password, By: access.SystemActor("makegood user add")}
		for _, role := range c.Role {
			in.Roles = append(in.Roles, access.Role(role))
		}
		user, err := a.People.AddUser(ctx, in)
		if err != nil {
			return a.Explain(err)
		}
		if _, err := fmt.Fprintf(s.out, "added user %d, %s\n", user.ID, user.Email); err != nil || !made {
			return err
		}
		_, err = fmt.Fprintf(s.out, "password: %s\n", c.Password)
		return err
	})
}

type userLink struct {
	Email string `arg:"" help:"Whose."`
}

// Run prints the link, which works once, for an hour.
func (c *userLink) Run(ctx context.Context, set *settings, s streams) error {
	return closed(ctx, set, s, func(a *app.App) error {
		link, err := a.People.LinkFor(ctx, access.SystemActor("makegood user link"), c.Email)
		if err != nil {
			return a.Explain(err)
		}
		_, err = fmt.Fprintln(s.out, link)
		return err
	})
}

type tokenCommand struct {
	Create tokenCreate `cmd:"" help:"Make an API token for a user; it is printed this once."`
}

type tokenCreate struct {
	Email string        `arg:"" help:"Whose token."`
	Name  string        `default:"command line" help:"What it is for."`
	Kind  string        `default:"person" enum:"person,assistant" help:"person, or assistant, which drafts and proposes and never decides."`
	Scope []string      `help:"Actions it is limited to, by comma; none means all of the user's."`
	Valid time.Duration `default:"8760h" help:"How long it is valid."`
}

// Run makes the token.
func (c *tokenCreate) Run(ctx context.Context, set *settings, s streams) error {
	return closed(ctx, set, s, func(a *app.App) error {
		user, err := a.People.WhoActs(ctx, c.Email)
		if err != nil {
			return a.Explain(err)
		}
		expires := a.DB.Now().Add(c.Valid)
		token, err := a.People.CreateToken(ctx, people.NewToken{
			UserID: user.ID, Name: c.Name, Kind: c.Kind, Scopes: c.Scope, ExpiresAt: &expires, By: access.SystemActor("makegood token create"),
		})
		if err != nil {
			return a.Explain(err)
		}
		_, err = fmt.Fprintln(s.out, token)
		return err
	})
}
