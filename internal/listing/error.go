package listing

import (
	"context"
	"errors"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// Error makes an error of this package, or of a context that has ended, the client's error about the
// listing that a request begins. Another error, and nil, is returned as it is.
func Error(ctx context.Context, client *rest.Client, request rest.Request, err error) error {
	var inconsistent *InconsistentError
	var duplicate *DuplicateIDError
	switch {
	case errors.As(err, &inconsistent), errors.Is(err, ErrEndless):
		return client.Failed(request, rest.KindInconsistent, err)
	case errors.As(err, &duplicate):
		return client.Failed(request, rest.KindDuplicateID, err)
	case errors.Is(err, ErrTooLarge):
		return client.Failed(request, rest.KindListingTooLarge, err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return client.Failed(request, rest.EndOf(ctx), errors.New("the listing was not complete"))
	}
	return err
}
