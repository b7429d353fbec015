package postoffice

import (
	"fmt"
	"slices"
	"strings"
)

// routes says whose an address is.
type routes struct {
	addresses, domains map[string]string // lower case → user
	catchAll           string
}

func newRoutes(accounts []Account) routes {
	r := routes{addresses: map[string]string{}, domains: map[string]string{}}
	for _, account := range accounts {
		for _, address := range account.Addresses {
			r.addresses[strings.ToLower(address)] = account.User
		}
		for _, domain := range account.Domains {
			r.domains[strings.ToLower(domain)] = account.User
		}
		if account.CatchAll {
			r.catchAll = account.User
		}
	}
	return r
}

// user is the account an address belongs to. What stands after a plus sign is the owner's business.
func (r routes) user(address string) (string, bool) {
	address = strings.ToLower(strings.Trim(address, "<> "))
	at := strings.LastIndexByte(address, '@')
	local, domain := address, ""
	if at >= 0 {
		local, domain = address[:at], address[at+1:]
	}
	plain, _, _ := strings.Cut(local, "+")
	for _, try := range []string{address, plain + "@" + domain} {
		if user, ok := r.addresses[try]; ok {
			return user, true
		}
	}
	if user, ok := r.domains[domain]; ok {
		return user, true
	}
	return r.catchAll, r.catchAll != ""
}

// share is one account's part in a message.
type share struct {
	user      string
	addresses []string
}

func (r routes) split(to []string) ([]share, error) {
	var shares []share
	for _, address := range to {
		user, ok := r.user(address)
		if !ok {
			return nil, fmt.Errorf("deliver to %q: %w", address, ErrNoAccount)
		}
		i := slices.IndexFunc(shares, func(s share) bool { return s.user == user })
		if i < 0 {
			shares = append(shares, share{user: user})
			i = len(shares) - 1
		}
		shares[i].addresses = append(shares[i].addresses, address)
	}
	return shares, nil
}
