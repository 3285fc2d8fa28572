package rest

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

const (
	// The wait before the second try is around firstWait; it doubles with every further try, up
	// to longestWait.
	firstWait   = 500 * time.Millisecond
	longestWait = 10 * time.Second
	// longestRetryAfter caps what a server may ask for; the vendors' own clients stop at a minute.
	longestRetryAfter = time.Minute
)

// retryStatus tells the HTTP statuses after which the same request may succeed.
func retryStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// FinalStatus tells the HTTP statuses after which no other try helps, whatever the body says.
func FinalStatus(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return true
	}
	return false
}

// isCertificateError tells the failures of a TLS handshake that will be the same next time.
func isCertificateError(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}

// waitBeforeTry is how long to wait before the n-th try, counted from 1: what the last answer's
// Retry-After says, or else a time that doubles, of which half is left to chance, so that clients
// that failed together do not come back together.
func waitBeforeTry(n int, header http.Header) time.Duration {
	if wait, ok := RetryAfter(header); ok {
		return wait
	}
	wait := firstWait << (n - 2)
	if wait > longestWait || wait <= 0 {
		wait = longestWait
	}
	return wait/2 + rand.N(wait/2+1)
}

// RetryAfter reads the Retry-After header of an answer, in seconds or as a date, and keeps it
// between half a second, so that a server that says 0 is not asked without a pause, and a minute.
// It returns false when there is none, or none that can be read.
func RetryAfter(header http.Header) (time.Duration, bool) {
	text := header.Get("Retry-After")
	if text == "" {
		return 0, false
	}
	var wait time.Duration
	if seconds, err := strconv.ParseUint(text, 10, 64); err == nil {
		// Compared as a number of seconds: a large one would not fit a Duration.
		wait = time.Duration(min(seconds, uint64(longestRetryAfter/time.Second))) * time.Second
	} else if errors.Is(err, strconv.ErrRange) {
		wait = longestRetryAfter
	} else if date, err := http.ParseTime(text); err == nil {
		wait = time.Until(date)
	} else {
		return 0, false
	}
	return min(max(wait, firstWait), longestRetryAfter), true
}

// Wait waits before a client asks once more what it has asked a number of times, since the last
// answer, of that status, was only a preliminary one. It returns an [*Error] at once when the
// context ends before the wait does, or has ended.
func (c *Client) Wait(ctx context.Context, r Request, status, tries int, wait time.Duration) error {
	failure := c.failure(r)
	failure.Status, failure.Tries, failure.Wait = status, tries, c.pace(wait)
	wait = failure.Wait
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
		return failure.as(TimedOut, nil)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return failure.as(endOf(ctx), nil)
	case <-timer.C:
		return nil
	}
}

func (c *Client) pace(wait time.Duration) time.Duration {
	if c.config.Pace != nil {
		return c.config.Pace(wait)
	}
	return wait
}
