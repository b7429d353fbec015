package webhooks

import "time"

// Occupy keeps an address as busy as slow answers do, until letGo.
func (s *Service) Occupy(endpoint int64) (letGo func()) {
	began := s.db.Now()
	s.lines.open(endpoint, began)
	s.lines.end(endpoint, began, began.Add(slow+time.Millisecond), true)
	for range slowAtOnce {
		s.lines.open(endpoint, began)
	}
	return func() {
		for range slowAtOnce {
			s.lines.end(endpoint, began, began, true)
		}
	}
}
