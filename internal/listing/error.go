package listing

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// Failure is a listing that cannot be used, although each of its responses was good.
type Failure struct {
	Kind   rest.Kind
	Reason string
}

// Error gives the reason.
func (f *Failure) Error() string { return f.Reason }

var (
	// ErrEndless is the error of a listing whose pages follow one another in a circle.
	ErrEndless = &Failure{rest.KindInconsistent, "the listing would never end"}
	// ErrTooLarge is the error of a listing whose users take more memory than they may.
	ErrTooLarge = &Failure{rest.KindListingTooLarge, fmt.Sprintf("the users of the listing would need more than %d MiB of memory", MaxBytes>>20)}
)

// Error makes a [Failure], or the error of a context that has ended, the client's error about the listing that a
// request begins. Another error, and nil, is returned as it is.
func Error(ctx context.Context, client *rest.Client, request rest.Request, err error) error {
	if failure, ok := errors.AsType[*Failure](err); ok {
		return client.Failed(request, failure.Kind, err)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return client.Failed(request, rest.EndOf(ctx), errors.New("the listing was not complete"))
	}
	return err
}
