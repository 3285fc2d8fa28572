package rest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"html"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// minInResults is the minimum length of a secret in a result, in bytes. A shorter text is often part of a name.
	minInResults = 8
	// minInErrors is the minimum length of a secret in an error, in bytes.
	minInErrors = 4
	// maxUnescapes is the number of times that a text may be escaped.
	maxUnescapes = 4
)

// proxySecrets returns the password of the proxy for a URL, and the pair of user and password, which net/http sends in
// base64.
func proxySecrets(target string) []string {
	request, err := http.NewRequest(http.MethodGet, target, http.NoBody) //nolint:noctx // It is not sent.
	if err != nil {
		return nil
	}
	proxy, err := http.ProxyFromEnvironment(request)
	if err != nil || proxy == nil {
		return nil
	}
	password, ok := proxy.User.Password()
	if !ok {
		return nil
	}
	return []string{password, proxy.User.Username() + ":" + password}
}

// foundInResult returns whether a result contains a secret of the credential. A server may repeat the headers of a
// request. foundInResult finds secrets in plain text, base64 or hex, or with the escapes of JSON, URLs and HTML. A result
// may contain the secrets of the proxy, because no vendor receives them, and they may be ordinary words.
func (c *Client) foundInResult(body []byte) bool {
	var forms []string
	for _, secret := range alsoUnescaped(c.config.Credential.Secrets(), minInResults) {
		forms = append(forms, encodings(secret)...)
	}
	return containsAny(body, forms)
}

// foundInError returns whether the text of an error contains a secret of the credential or the proxy, or contains it in
// lower case or encoded twice.
func (c *Client) foundInError(text string) bool {
	c.config.Memory.redacting.Lock()
	defer c.config.Memory.redacting.Unlock()
	var forms []string
	for _, secret := range alsoUnescaped(slices.Concat(c.config.Credential.Secrets(), c.proxySecrets), minInErrors) {
		for _, form := range append(encodings(secret), strings.ToLower(secret)) {
			forms = append(append(forms, encodings(form)...), inPointer.Replace(form))
		}
	}
	return containsAny([]byte(text+"\n"+strings.ToLower(text)), forms)
}

// alsoUnescaped returns the secrets with at least minLength bytes. If a secret looks escaped, such as one with %41, it also
// returns what is left of the secret when containsAny unescapes a text with it.
func alsoUnescaped(secrets []string, minLength int) (all []string) {
	for _, secret := range secrets {
		for range maxUnescapes + 1 {
			if len(secret) < minLength || slices.Contains(all, secret) {
				break
			}
			all = append(all, secret)
			secret = string(unescape([]byte(secret)))
		}
	}
	return all
}

// inPointer escapes a name for a JSON pointer, which the error of a response may have.
var inPointer = strings.NewReplacer("~", "~0", "/", "~1")

// encodings returns a text as it is, with plus signs for spaces, in hex and in base64. In base64, the form depends on the
// alphabet and on the offset of the text in a longer text.
func encodings(text string) []string {
	inHex := hex.EncodeToString([]byte(text))
	forms := []string{text, strings.ReplaceAll(text, " ", "+"), inHex, strings.ToUpper(inHex)}
	for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for offset := range 3 {
			// A character of base64 has six bits. The form excludes the characters with bits of the text before or after. With an
			// offset of 1, the 8 bits before are in the first two characters, so the form begins with the third.
			encoded := alphabet.EncodeToString(append(make([]byte, offset), text...))
			forms = append(forms, encoded[(offset*8+5)/6:(offset+len(text))*8/6])
		}
	}
	return forms
}

// containsAny returns whether a text contains one of the forms, after up to maxUnescapes calls of unescape. It sorts the
// forms.
func containsAny(text []byte, forms []string) bool {
	slices.Sort(forms)
	forms = slices.Compact(forms)
	for range maxUnescapes + 1 {
		if slices.ContainsFunc(forms, func(form string) bool { return bytes.Contains(text, []byte(form)) }) {
			return true
		}
		unescaped := unescape(text)
		if bytes.Equal(unescaped, text) {
			return false
		}
		text = unescaped
	}
	return false
}

// inNFC has the characters that become ASCII in Unicode NFC, in which Terraform stores every string.
var inNFC = map[string]string{"\u212a": "K", "\u037e": ";", "\u1fef": "`"}

// unescape replaces the escapes of JSON, URLs and HTML in a text, which need not be any of them. It also converts to ASCII
// what Terraform would convert.
func unescape(text []byte) []byte {
	if bytes.IndexByte(text, '\\') >= 0 || bytes.IndexByte(text, '%') >= 0 {
		plain := make([]byte, 0, len(text))
		for i := bytes.IndexAny(text, `\%`); i >= 0; i = bytes.IndexAny(text, `\%`) {
			plain, text = resolveEscape(append(plain, text[:i]...), text[i:])
		}
		text = append(plain, text...)
	}
	if bytes.IndexByte(text, '&') >= 0 {
		text = []byte(html.UnescapeString(string(text)))
	}
	for character, ascii := range inNFC {
		if bytes.Contains(text, []byte(character)) {
			text = bytes.ReplaceAll(text, []byte(character), []byte(ascii))
		}
	}
	return text
}

// resolveEscape decodes the escape of JSON or URLs at the start of a text. It appends the character to plain, and
// returns the rest of the text.
func resolveEscape(plain, escaped []byte) (longer, rest []byte) {
	if unit, rest, ok := cutHex(`\u`, 4, escaped); ok {
		if low, afterLow, ok := cutHex(`\u`, 4, rest); ok && utf16.IsSurrogate(unit) {
			return utf8.AppendRune(plain, utf16.DecodeRune(unit, low)), afterLow
		}
		return utf8.AppendRune(plain, unit), rest
	}
	if char, rest, ok := cutHex("%", 2, escaped); ok {
		return append(plain, byte(char&0xff)), rest
	}
	if escaped[0] == '\\' && len(escaped) > 1 {
		escaped = escaped[1:]
	}
	return append(plain, escaped[0]), escaped[1:]
}

// cutHex reads a prefix and a number with hexadecimal digits at the start of a text, and returns the rest of the text.
func cutHex(prefix string, digits int, text []byte) (number rune, rest []byte, ok bool) {
	rest, ok = bytes.CutPrefix(text, []byte(prefix))
	if !ok || len(rest) < digits {
		return 0, nil, false
	}
	parsed, err := strconv.ParseUint(string(rest[:digits]), 16, 16)
	return rune(parsed), rest[digits:], err == nil
}
