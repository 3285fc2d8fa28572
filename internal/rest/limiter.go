package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

const (
	// maxBody is how many bytes of a response are read. A page of a hundred users has some 30 KiB, so only
	// something that is no listing, or a Vectara page of a hundred thousand users, comes near it.
	maxBody = 32 << 20
	// maxHeader is how many bytes the header of a response may have, several times what servers allow.
	maxHeader = 256 << 10
	// maxInFlight bounds the bytes of all responses in flight together, and of what they become when decoded.
	maxInFlight = 96 << 20
)

var (
	// errNotSent is for a request whose context ended before its turn came.
	errNotSent = errors.New("the request was not sent: it was still waiting for other requests")
	// errTooLarge is a response of more bytes than it may have.
	errTooLarge = errors.New("too large")
	// errTogether is one that is too large together with the others in flight, and may come later.
	errTogether = fmt.Errorf("together %w", errTooLarge)
)

// Limiter bounds what is in flight over all clients that hold it: the number of requests, and the memory
// that their responses take. It is safe for concurrent use.
type Limiter struct {
	size     int
	requests *semaphore.Weighted
	bytes    atomic.Int64
}

// NewLimiter returns a limiter of a number of requests, at least one.
func NewLimiter(requests int) *Limiter {
	return &Limiter{size: requests, requests: semaphore.NewWeighted(int64(requests))}
}

func (l *Limiter) acquire(ctx context.Context) error { return l.requests.Acquire(ctx, 1) }
func (l *Limiter) release()                          { l.requests.Release(1) }

// body is a response's body, which counts among the bytes in flight until it is released.
type body struct {
	io.Reader
	limiter  *Limiter
	reserved int64
}

func (l *Limiter) body(from io.Reader) *body { return &body{Reader: from, limiter: l} }

// Read returns an error that is an errTooLarge once there are more bytes than there may be.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if full := b.reserve(int64(n)); full != nil {
		return n, full
	}
	if b.reserved > maxBody {
		return n, fmt.Errorf("the response is %w: more than %d MiB", errTooLarge, maxBody>>20)
	}
	return n, err
}

// reserve counts more bytes as in flight, or returns an errTooLarge.
func (b *body) reserve(bytes int64) error {
	b.reserved += bytes
	switch total := b.limiter.bytes.Add(bytes); {
	case b.reserved > maxInFlight:
		return fmt.Errorf("the response is %w: it would need more than %d MiB of memory", errTooLarge, maxInFlight>>20)
	case total > maxInFlight:
		return fmt.Errorf("the responses in flight are %w: they would need more than %d MiB of memory", errTogether, maxInFlight>>20)
	}
	return nil
}

func (b *body) release() { b.limiter.bytes.Add(-b.reserved) }

// decodedSize is how many bytes of memory the values in a JSON text may take beside the text itself: an
// object, or a null in the place of one, may become a struct of some 250 bytes, a text one of 16, and
// anything else in a list a place in a slice that grows.
func decodedSize(text []byte) int64 {
	count := func(part string) int64 { return int64(bytes.Count(text, []byte(part))) }
	return 250*count("{") + 300*count("null") + 32*count(",") + 8*count(`"`)
}
