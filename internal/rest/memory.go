package rest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
)

const (
	// maxBody is the maximum size of a response, in bytes. A page of a hundred users has about 30 KiB.
	maxBody = 32 << 20
	// maxHeader is the maximum size of the header of a response, in bytes. It is several times the usual limit of servers.
	maxHeader = 256 << 10
	// maxInFlight is the maximum size of all responses in flight, in bytes: of their bodies and their decoded values.
	maxInFlight = 96 << 20
)

var (
	// errTooLarge is the error of a response that is larger than its limit.
	errTooLarge = errors.New("too large")
	// errTooLargeTogether is an errTooLarge because of other responses in flight. A later attempt may succeed.
	errTooLargeTogether = fmt.Errorf("together %w", errTooLarge)
)

// Memory limits the memory of all clients that share it. NewMemory makes it. It is safe for concurrent use.
type Memory struct {
	bytes      atomic.Int64  // of the responses in flight
	searching  sync.Mutex    // for the search of a large body or an error for credentials
	largeCalls chan struct{} // for a Lease
}

// NewMemory returns a memory without responses.
func NewMemory() *Memory { return &Memory{largeCalls: make(chan struct{}, 1)} }

// countedBody is the body of a response. Its bytes count as in flight until release is called.
type countedBody struct {
	io.Reader
	memory  *Memory
	counted int64 // while the body is read, only its own bytes; then also those of its decoded values
}

// Read returns an errTooLarge after more than maxBody bytes, or if the responses in flight need more than maxInFlight.
func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if tooLarge := b.count(int64(n)); tooLarge != nil {
		return n, tooLarge
	}
	if b.counted > maxBody {
		return n, fmt.Errorf("the response is %w: more than %d MiB", errTooLarge, maxBody>>20)
	}
	return n, err
}

// count counts more bytes as in flight, even if it returns an errTooLarge.
func (b *countedBody) count(n int64) error {
	b.counted += n
	switch total := b.memory.bytes.Add(n); {
	case b.counted > maxInFlight:
		return fmt.Errorf("the response is %w: it would need more than %d MiB of memory", errTooLarge, maxInFlight>>20)
	case total > maxInFlight:
		return fmt.Errorf("the responses in flight are %w: they would need more than %d MiB of memory", errTooLargeTogether, maxInFlight>>20)
	}
	return nil
}

func (b *countedBody) release() { b.memory.bytes.Add(-b.counted) }

// decodedSize estimates the maximum memory of the values of a JSON text, in bytes. An object, or a null instead of an
// object, may become structs of about 300 bytes. A string needs 16 bytes besides its text. Every element of a list
// needs space in a slice that grows, and a list may itself be an element of a map.
func decodedSize(text []byte) int64 {
	count := func(part string) int64 { return int64(bytes.Count(text, []byte(part))) }
	return 300*(count("{")+count("null")) + 64*count("[") + 32*count(",") + 8*count(`"`)
}
