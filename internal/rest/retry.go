package rest

import (
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

const (
	// The wait before the first retry is around firstWait; it doubles with each further one.
	firstWait = 500 * time.Millisecond
	// A 202 is polled after firstPoll, then after half as long again each time. The vendor's document gives no
	// interval.
	firstPoll = time.Second
	// longestWait is the longest of either.
	longestWait = 10 * time.Second
	// maxRetryAfter caps what a server may ask for; the vendors' own clients stop at a minute.
	maxRetryAfter = time.Minute
)

// retryableStatus says after which HTTP statuses the same request may succeed.
func retryableStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// finalStatus says after which HTTP statuses no other attempt helps, whatever the body says.
func finalStatus(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return true
	}
	return false
}

// backoff is the wait before a retry, counted from 1. It doubles with each retry. Half of it is random, so that
// clients that failed at the same time retry at different times.
func backoff(retry int) time.Duration {
	wait := grown(firstWait, 2, retry-1)
	return wait/2 + rand.N(wait/2+1)
}

// pollInterval is the wait before a poll, counted from 1.
func pollInterval(poll int) time.Duration { return grown(firstPoll, 1.5, poll-1) }

// grown is a wait that has grown by a factor a number of times, up to longestWait.
func grown(first time.Duration, factor float64, times int) time.Duration {
	return time.Duration(min(float64(first)*math.Pow(factor, float64(times)), float64(longestWait)))
}

// retryAfter is the wait of a Retry-After header, which has seconds or a date. It is at least half a second, since a
// server may send 0, and at most a minute. It is 0 without a valid header.
func retryAfter(header http.Header) time.Duration {
	text := header.Get("Retry-After")
	seconds, err := strconv.ParseUint(text, 10, 64) // the largest number where it is out of range
	if err == nil || errors.Is(err, strconv.ErrRange) {
		// Compared as a number of seconds: a large one would not fit a Duration.
		return max(time.Duration(min(seconds, uint64(maxRetryAfter/time.Second)))*time.Second, firstWait)
	}
	if date, err := http.ParseTime(text); err == nil {
		return min(max(time.Until(date), firstWait), maxRetryAfter)
	}
	return 0
}
