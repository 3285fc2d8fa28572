package rest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
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
	// errTooLarge is the error of a response that is larger than its limit.
	errTooLarge = errors.New("too large")
	// errTogether is an errTooLarge that only the other responses in flight cause: a later attempt may succeed.
	errTogether = fmt.Errorf("together %w", errTooLarge)
)

// Memory bounds the memory of the responses in flight, over all clients that share it. Its zero value is ready to
// use. It is safe for concurrent use.
type Memory struct{ bytes atomic.Int64 }

// body is the body of a response. Its bytes count as in flight until it is released.
type body struct {
	io.Reader
	memory   *Memory
	reserved int64
}

// Read returns an errTooLarge once the body is larger than its limit.
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

// reserve counts more bytes as in flight, even if it returns an errTooLarge.
func (b *body) reserve(bytes int64) error {
	b.reserved += bytes
	switch total := b.memory.bytes.Add(bytes); {
	case b.reserved > maxInFlight:
		return fmt.Errorf("the response is %w: it would need more than %d MiB of memory", errTooLarge, maxInFlight>>20)
	case total > maxInFlight:
		return fmt.Errorf("the responses in flight are %w: they would need more than %d MiB of memory", errTogether, maxInFlight>>20)
	}
	return nil
}

func (b *body) release() { b.memory.bytes.Add(-b.reserved) }

// decodedSize estimates how many bytes of memory the values of a JSON text need, at most. An object, or a null
// instead of an object, may become a struct of about 250 bytes. A string needs 16 bytes besides its text. Any other
// element of a list needs its place in a slice that grows.
func decodedSize(text []byte) int64 {
	count := func(part string) int64 { return int64(bytes.Count(text, []byte(part))) }
	return 250*count("{") + 300*count("null") + 32*count(",") + 8*count(`"`)
}
