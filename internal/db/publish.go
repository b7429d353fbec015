package db

import (
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
)

// Channel is the PostgreSQL notification channel that carries live topics.
const Channel = "makegood_live"

// Publish announces at commit, not before, that something under the topic changed ("case:12", "queue"). Topics
// named several times are announced once. Nothing of the content is sent.
func (tx *Tx) Publish(topics ...string) {
	for _, topic := range topics {
		tx.topics[topic] = true
	}
}

func (tx *Tx) queueAnnouncements(batch *pgx.Batch) {
	if len(tx.topics) == 0 || tx.db.dropJobs {
		return
	}
	batch.Queue(`select pg_notify($1, t) from unnest($2::text[]) t`, Channel, slices.Sorted(maps.Keys(tx.topics)))
}
