// Package reconcile compares the documents of two systems of record: which agree, which are missing on one side, which
// differ and in what, and whether that explains to the cent why the two receivables differ. It is pure, does not depend
// on the order of rows, and treats both sides alike: "here" is one system, "there" the other.
package reconcile
