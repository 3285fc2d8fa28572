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

// backoff is how long to wait before a retry, counted from 1: what the last response's Retry-After
// says, or else a time that doubles, of which half is random, so that clients that failed together do
// not come back together.
func backoff(retry int, header http.Header) time.Duration {
	if wait, ok := retryAfter(header); ok {
		return wait
	}
	wait := grown(firstWait, 2, retry-1)
	return wait/2 + rand.N(wait/2+1)
}

// pollInterval is how long to wait after a number of 202s before this one.
func pollInterval(before int, header http.Header) time.Duration {
	if wait, ok := retryAfter(header); ok {
		return wait
	}
	return grown(firstPoll, 1.5, before)
}

// grown is a wait that has grown by a factor a number of times, up to longestWait.
func grown(first time.Duration, factor float64, times int) time.Duration {
	return time.Duration(min(float64(first)*math.Pow(factor, float64(times)), float64(longestWait)))
}

// retryAfter reads the Retry-After header of a response, in seconds or as a date, and keeps it
// between half a second, so that a server that says 0 gets a pause, and a minute. It returns false
// when there is none, or none that can be read.
func retryAfter(header http.Header) (time.Duration, bool) {
	text := header.Get("Retry-After")
	if text == "" {
		return 0, false
	}
	var wait time.Duration
	seconds, err := strconv.ParseUint(text, 10, 64) // the largest number where it is out of range
	if err == nil || errors.Is(err, strconv.ErrRange) {
		// Compared as a number of seconds: a large one would not fit a Duration.
		wait = time.Duration(min(seconds, uint64(maxRetryAfter/time.Second))) * time.Second
	} else if date, err := http.ParseTime(text); err == nil {
		wait = time.Until(date)
	} else {
		return 0, false
	}
	return min(max(wait, firstWait), maxRetryAfter), true
}
