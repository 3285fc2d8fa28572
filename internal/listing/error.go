package listing

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// Failure is the error of a listing that the provider must not use, although each response is valid.
type Failure struct {
	Kind   rest.Kind
	Reason string
}

// Error returns the reason.
func (f *Failure) Error() string { return f.Reason }

var (
	// ErrEndless is the error of a listing whose page keys repeat.
	ErrEndless = &Failure{rest.KindInconsistent, "the listing would never end"}
	// ErrTooLarge is the error of a listing whose users need more memory than MaxBytes.
	ErrTooLarge = &Failure{rest.KindListingTooLarge, fmt.Sprintf("the users of the listing would need more than %d MiB of memory", MaxBytes>>20)}
)

// Error converts a [Failure], or the error of a context that has ended, to the client's error about a listing. The
// request is the first request of the listing. Error returns any other error, and nil, as it is.
func Error(ctx context.Context, client *rest.Client, request rest.Request, err error) error {
	if failure, ok := errors.AsType[*Failure](err); ok {
		return client.Failed(request, failure.Kind, err)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		reason := errors.New("the listing was not complete")
		if errors.Is(err, errLarge) {
			reason = errLarge
		}
		return client.Failed(request, rest.EndOf(ctx), reason)
	}
	return err
}
