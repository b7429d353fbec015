package outside

import "net/netip"

// closed are the networks that are not the public internet: what stands there trusts whoever is near. After the special-purpose
// registries of IANA (RFC 6890), with the IPv6 forms that carry an IPv4 address inside.
func closed() []netip.Prefix {
	var list []netip.Prefix
	for _, text := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
		"192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		"::/96",                          // unspecified, loopback, IPv4-compatible
		"::ffff:0:0:0/96",                // IPv4-translated
		"64:ff9b::/96", "64:ff9b:1::/48", // NAT64
		"100::/64", "2001::/23", "2002::/16", // discard; Teredo and other protocols; 6to4
		"2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
	} {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

// Public tells whether an address is one of the public internet. IPv4 in IPv6 clothes counts as what it is.
func Public(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	if !a.IsValid() || !a.IsGlobalUnicast() {
		return false
	}
	for _, network := range closed() {
		if network.Contains(a) {
			return false
		}
	}
	return true
}
