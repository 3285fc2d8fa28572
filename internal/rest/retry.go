package rest

import (
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"
)

const (
	// firstWait is the longest wait before the first retry, and the shortest Retry-After. The wait doubles with each retry.
	firstWait = 500 * time.Millisecond
	// firstPoll is the wait before the first poll. The wait grows by half with each poll. The API documents no interval.
	firstPoll = time.Second
	// maxWait is the limit for the waits before retries and polls.
	maxWait = 10 * time.Second
	// maxDoubled is the Timeout from which a Timeout is no longer doubled. Without this limit, it would overflow.
	maxDoubled = time.Hour
	// maxRetryAfter is the limit for Retry-After. The vendors' own clients have the same limit.
	maxRetryAfter = time.Minute
)

// retryableStatus returns whether the same request may succeed after an HTTP status. After another status that is not
// final, such as 409, the client retries the request only if the vendor's code is retryable.
func retryableStatus(status int) bool {
	return slices.Contains([]int{408, 429, 500, 502, 503, 504}, status)
}

// backoff returns the wait before a retry, counted from 1. Half of it is random, so that clients that failed at the
// same time retry at different times.
func backoff(retry int) time.Duration {
	wait := exponentialWait(firstWait, 2, retry-1)
	return wait/2 + rand.N(wait/2+1)
}

// exponentialWait returns a wait that has grown by a factor n times, up to maxWait.
func exponentialWait(first time.Duration, factor float64, n int) time.Duration {
	return time.Duration(min(float64(first)*math.Pow(factor, float64(n)), float64(maxWait)))
}

// retryAfter returns the wait of a Retry-After header, which has seconds or a date. The wait is at least firstWait,
// since a server may send 0, and at most maxRetryAfter. Without a valid header, retryAfter returns 0.
func retryAfter(header http.Header) time.Duration {
	text := header.Get("Retry-After")
	seconds, err := strconv.ParseUint(text, 10, 64) // the largest uint64 if the text is out of range
	if err == nil || errors.Is(err, strconv.ErrRange) {
		// The minimum comes before the conversion, since a large number of seconds would overflow a Duration.
		return max(time.Duration(min(seconds, uint64(maxRetryAfter/time.Second)))*time.Second, firstWait)
	}
	if date, err := http.ParseTime(text); err == nil {
		return min(max(time.Until(date), firstWait), maxRetryAfter)
	}
	return 0
}
