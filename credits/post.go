package credits

import (
	"context"
	"errors"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Post posts an approved request, all in one transaction: the document with its ledger entries, the dispute lines it
// settles or opens again, the case's event and the letter to the customer. It happens once, however often and by however
// many workers it is called. A request whose content is not what was approved, or whose posting the books refuse, is
// failed, with the reason for people to see.
//
// Requests that wait to be posted at the same moment share a transaction. When anything in it fails, nothing of it has
// happened, and each is posted in a transaction of its own.
func (s *Service) Post(ctx context.Context, in PostRequest) error {
	return s.together.do(ctx, in.ID, s.postAll)
}

func postActor() access.Actor { return access.SystemActor("credits.post_request") }

// postAll posts requests as far as they can be, together where that is possible, and tells what went wrong with which.
func (s *Service) postAll(ctx context.Context, ids []ID) map[ID]error {
	alone, err := s.postTogether(ctx, ids)
	if err != nil {
		s.logger.InfoContext(ctx, "requests are posted one by one", "requests", len(ids), "error", err.Error())
		alone = ids
	}
	failed := map[ID]error{}
	for _, id := range alone {
		if err := s.postAlone(ctx, id); err != nil {
			failed[id] = err
		}
	}
	return failed
}

// postTogether posts all or none, and gives those that have to be posted alone.
func (s *Service) postTogether(ctx context.Context, ids []ID) ([]ID, error) {
	var alone []ID
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		alone = nil
		list, files, err := s.lockPostings(ctx, tx, ids)
		if err != nil {
			return err
		}
		var these []*posting
		for _, p := range list {
			switch {
			case p.req.State != Approved: // posted by somebody else, or withdrawn
			case p.sharesStatements():
				these = append(these, p)
			default:
				alone = append(alone, p.req.ID)
			}
		}
		if len(these) == 0 {
			return nil
		}
		return s.postMemosTx(ctx, tx, these, files)
	})
	return alone, err
}

func (s *Service) postAlone(ctx context.Context, id ID) error {
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		list, files, err := s.lockPostings(ctx, tx, []ID{id})
		if err != nil || list[0].req.State != Approved {
			return err
		}
		return s.postTx(ctx, tx, list[0], files)
	})
	if !refused(err) || errors.Is(err, ErrNoRequest) {
		return err
	}
	s.logger.WarnContext(ctx, "posting refused", "request_id", int64(id), "error", err.Error())
	return s.fail(ctx, id, err, postActor())
}

// refused tells an answer of the rules from a fault that may pass.
func refused(err error) bool {
	switch errs.KindOf(err) {
	case errs.Conflict, errs.Invalid, errs.Forbidden, errs.NotFound:
		return true
	case errs.Internal, errs.Unauthenticated, errs.TooLarge, errs.TooMany, errs.Unavailable:
	}
	return false
}

// fail keeps why a posting was refused. The reservation stays, so that a retry finds what was approved. A batch of which less is open
// than was approved ends instead: no retry could post it, what is still owed of it is free to be proposed anew.
func (s *Service) fail(ctx context.Context, id ID, why error, by access.Actor) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		req, err := s.lockTx(ctx, tx, id, by, access.Decide)
		if err != nil || req.State != Approved {
			return err
		}
		if errs.KeyOf(why) == billing.ErrLessOpen.Key {
			return s.lapseTx(ctx, tx, &req, why, by)
		}
		req.State = Failed
		req.Failure, req.FailureParams = reason(why)
		if err := moveRequest(ctx, tx, &req); err != nil {
			return err
		}
		if err := s.tellTx(ctx, tx, req, "notice.credit_failed", req.RequesterID); err != nil {
			return err
		}
		return s.markTx(ctx, tx, req, cases.CreditFailed, by, map[string]any{"failure": req.Failure})
	})
}

// reason is the message key of an error with its parameters; of several fields the first.
func reason(err error) (string, map[string]string) {
	var e *errs.Error
	if !errors.As(err, &e) {
		return "error.internal", nil
	}
	if len(e.Fields) > 0 {
		return e.Fields[0].Key, e.Fields[0].Params
	}
	return e.Key, e.Params
}
