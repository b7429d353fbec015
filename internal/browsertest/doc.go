// Package browsertest drives the demo with a real Chromium: the main flow from a customer's mail to the memo in the
// customer's mailbox, the agent's part of it with keys only, and a picture of every main screen.
//
// Its tests are behind a build tag, because they need a browser:
//
//	go test -tags browser ./internal/browsertest
//
// A first start fills the demo in, which takes most of the time. With MAKEGOOD_BROWSER_DEMO=folder the demo is kept in
// that folder and the next run starts at once. Pictures go to screenshots/ in the module's folder, or to
// $MAKEGOOD_SCREENSHOTS. A machine without Chinese and Japanese fonts shows boxes in a few places of the pictures; the
// Debian package fonts-noto-cjk has them all, fonts-droid-fallback is smaller.
package browsertest
