package fetch

import (
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"makegood/inbox"
)

// access gives a grant whose access token will do for a while, renewing it ahead of its end. As long as the old token is
// still good a failed renewal only raises the alarm.
func (d door) access(ctx context.Context, box inbox.Mailbox) (inbox.Grant, error) {
	grant, err := d.inbox.GrantOf(ctx, box.ID)
	if err != nil {
		return grant, err
	}
	if grant.Usable(d.inbox.Now()) {
		return grant, nil
	}
	return d.renew(ctx, box.ID, grant)
}

func (d door) renew(ctx context.Context, id inbox.MailboxID, grant inbox.Grant) (inbox.Grant, error) {
	fresh, err := d.exchange(ctx, grant)
	if err == nil {
		return fresh, d.inbox.KeepAccess(ctx, id, fresh)
	}
	if told := d.inbox.AccessRefused(ctx, id, grant.AccessUntil, err); told != nil {
		return grant, told
	}
	if grant.AccessToken != "" && grant.AccessUntil.After(d.inbox.Now()) {
		return grant, nil
	}
	return grant, fmt.Errorf("renew sign-in: %w", err)
}

// exchange asks the authorisation server for an access token: for the refresh token (RFC 6749, section 6), or for the client
// itself (section 4.4).
func (d door) exchange(ctx context.Context, g inbox.Grant) (inbox.Grant, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, d.http)
	var token *oauth2.Token
	var err error
	if g.RefreshToken != "" {
		client := oauth2.Config{
			ClientID: g.ClientID, ClientSecret: g.ClientSecret, Endpoint: oauth2.Endpoint{TokenURL: g.TokenURL}, Scopes: strings.Fields(g.Scope),
		}
		token, err = client.TokenSource(ctx, &oauth2.Token{RefreshToken: g.RefreshToken}).Token()
	} else {
		client := clientcredentials.Config{ClientID: g.ClientID, ClientSecret: g.ClientSecret, TokenURL: g.TokenURL, Scopes: strings.Fields(g.Scope)}
		token, err = client.Token(ctx)
	}
	if err != nil {
		return g, fmt.Errorf("ask %s for a token: %w", g.TokenURL, err)
	}
	g.AccessToken, g.AccessUntil = token.AccessToken, d.inbox.Now().Add(shortLived)
	if token.ExpiresIn > 0 {
		g.AccessUntil = d.inbox.Now().Add(time.Duration(token.ExpiresIn) * time.Second)
	}
	if token.RefreshToken != "" {
		g.RefreshToken = token.RefreshToken
	}
	return g, nil
}

// shortLived is how long a token is taken to live when the server does not say.
const shortLived = time.Hour
