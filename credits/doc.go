// Package credits is how money is given back: what somebody proposes, who must agree, and how what was agreed is
// posted exactly once. A request is frozen and hashed when it is submitted; the approvers decide on that content,
// and only a memo of that very content is posted.
package credits
