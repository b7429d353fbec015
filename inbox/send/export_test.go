package send

import "time"

// Patience sets how long the server may take.
func (s *SMTP) Patience(command, mail, goodbye time.Duration) {
	s.patience = patience{command: command, mail: mail, goodbye: goodbye}
}
