// SPDX-License-Identifier: GPL-2.0
/*
 * Drives agent/media for selftests/sdp/run. Requests on standard input:
 *   OCTETS WORD TAB WORD ...  LF  body of so many octets
 * Words make commands, a lone ";" ends one. Answers on standard output:
 *   STATUS OCTETS LF  the edited body, or what a query says as JSON
 * STATUS is 0 or the negative errno of the first command that failed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../agent/media/body.h"
#include "../../agent/media/sdp.h"

#define WORDS_MAX 2048

static FILE *json;

static void say_text(const char *key, struct sdp_text text)
{
	size_t i;

	fprintf(json, ",\"%s\":\"", key);
	for (i = 0; i < text.len; i++)
		fprintf(json, "\\u%04x", (unsigned char)text.at[i]);
	fputc('"', json);
}

static void say_number(const char *key, long number)
{
	fprintf(json, ",\"%s\":%ld", key, number);
}

static void say_addr(int err, const struct sdp_addr *addr)
{
	unsigned int i;

	say_number("addr_err", err);
	if (err)
		return;
	say_number("six", addr->family == AF_INET6);
	say_number("host", addr->host);
	say_number("any", sdp_addr_any(addr));
	say_text("addr", addr->text);
	fputs(",\"octets\":\"", json);
	for (i = 0; i < (addr->family == AF_INET6 ? 16u : 4u); i++)
		fprintf(json, "%02x", addr->octets[i]);
	fputc('"', json);
}

static void say_rtcp(const struct sdp *sdp, unsigned int media)
{
	struct sdp_rtcp rtcp;
	int err = sdp_rtcp(sdp, media, &rtcp);

	fputs(",\"rtcp\":{\"x\":0", json);
	say_number("err", err);
	if (!err) {
		say_number("mux", rtcp.mux);
		say_number("only", rtcp.only);
		say_number("given", rtcp.given);
		say_number("port", rtcp.port);
		if (rtcp.has_addr)
			say_addr(0, &rtcp.addr);
	}
	fputc('}', json);
}

static void say_keys(const struct sdp *sdp, unsigned int media)
{
	struct sdp_key_mgmt key = SDP_FIRST_KEY;
	struct sdp_attr attr = SDP_FIRST;

	fputs(",\"crypto\":[0", json);
	while (sdp_attr_next(sdp, media, "crypto", &attr)) {
		fputs(",{\"x\":0", json);
		say_text("value", attr.value);
		fputc('}', json);
	}
	fputs("],\"key_mgmt\":[0", json);
	while (sdp_key_mgmt_next(sdp, media, &key)) {
		fputs(",{\"x\":0", json);
		say_number("session", key.session);
		say_text("protocol", key.protocol);
		say_text("data", key.data);
		fputc('}', json);
	}
	fputc(']', json);
	say_number("e2ae", sdp_e2ae(sdp, media));
	say_number("security", sdp_security(sdp, media));
}

static void say_media(const struct sdp *sdp, unsigned int media)
{
	const char *other;
	struct sdp_media m;
	int err = sdp_media(sdp, media, &m);

	say_number("media_err", err);
	if (err)
		return;
	say_text("media", m.media);
	say_text("proto", m.proto_text);
	say_text("formats", m.formats);
	say_number("port", m.port);
	say_number("ports", m.ports);
	say_number("secure", sdp_proto_secure(m.proto));
	other = sdp_proto_other(m.proto, !sdp_proto_secure(m.proto));
	say_text("other", sdp_text_of(other));
}

static void say_ssrcs(const struct sdp *sdp, unsigned int media)
{
	uint32_t ssrc[4];
	int i, n = sdp_ssrcs(sdp, media, ssrc, ARRAY_SIZE(ssrc));

	say_number("n_ssrcs", n);
	fputs(",\"ssrcs\":[0", json);
	for (i = 0; i < n; i++)
		fprintf(json, ",%u", ssrc[i]);
	fputc(']', json);
}

static void say_level(const struct sdp *sdp, unsigned int media)
{
	struct sdp_text value = { "", 0 };
	struct sdp_addr addr;
	uint32_t as = 0;
	int err;

	fprintf(json, "%s{\"level\":%u", media ? "," : "", media);
	say_media(sdp, media);
	err = sdp_connection(sdp, media, &addr);
	say_addr(err, &addr);
	say_rtcp(sdp, media);
	say_keys(sdp, media);
	say_ssrcs(sdp, media);
	say_number("direction", sdp_direction(sdp, media));
	say_number("clock", sdp_clock_rate(sdp, media));
	say_number("ptime", sdp_ptime(sdp, media));
	say_number("setup", sdp_setup(sdp, media));
	say_number("cema", sdp_attr_has(sdp, media, "msrp-cema"));
	say_number("ice", sdp_ice(sdp, media));
	say_number("bundled", sdp_bundled(sdp, media));
	err = sdp_bandwidth(sdp, media, "AS", &as);
	say_number("as_err", err < 0 ? err : 0);
	say_number("as", as);
	sdp_attr_get(sdp, media, "path", &value);
	say_text("path", value);
	fputc('}', json);
}

static int show(const struct sdp *sdp, char *out, size_t size)
{
	unsigned int i;
	long used;

	json = fmemopen(out, size, "w");
	fprintf(json, "{\"check\":%d,\"levels\":[", sdp_check(sdp));
	for (i = 0; i <= sdp->n_media; i++)
		say_level(sdp, i);
	fputs("]}", json);
	used = ftell(json);
	return fclose(json) ? -EIO : (int)used;
}

static int address(const char *word, struct sdp_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->family = strchr(word, ':') ? AF_INET6 : AF_INET;
	return inet_pton(addr->family, word, addr->octets) == 1 ? 0 : -EINVAL;
}

static int counted(int n, int want)
{
	if (n < 0)
		return n;
	return n == want ? 0 : -ERANGE;
}

static int edit_line(struct sdp *sdp, char **w, int n, unsigned int media)
{
	struct sdp_addr addr;
	int err = 0;

	if (!strcmp(w[0], "port"))
		return sdp_set_port(sdp, media, atoi(w[2]));
	if (!strcmp(w[0], "secure"))
		return sdp_set_secure(sdp, media, atoi(w[2]));
	if (!strcmp(w[0], "connection"))
		return address(w[2], &addr) ?:
			       sdp_set_connection(sdp, media, &addr);
	if (!strcmp(w[0], "rtcp")) {
		if (n > 3)
			err = address(w[3], &addr);
		return err   ?:
			       sdp_set_rtcp(sdp, media, atoi(w[2]),
					    n > 3 ? &addr : NULL);
	}
	if (!strcmp(w[0], "bandwidth"))
		return counted(sdp_add_bandwidth(sdp, media, atoi(w[2])),
			       atoi(w[3]));
	return -EOPNOTSUPP;
}

/* Commands that count end with the count that they must have. */
static int edit_attr(struct sdp *sdp, char **w, int n, unsigned int media)
{
	if (!strcmp(w[0], "add"))
		return sdp_add(sdp, media, w[2],
			       sdp_text_of(n > 3 ? w[3] : NULL));
	if (!strcmp(w[0], "set"))
		return sdp_set(sdp, media, w[2],
			       sdp_text_of(n > 3 ? w[3] : NULL));
	if (!strcmp(w[0], "remove"))
		return counted(sdp_remove(sdp, media, w[2]), atoi(w[3]));
	if (!strcmp(w[0], "mux"))
		return counted(sdp_strip_mux(sdp, media), atoi(w[2]));
	if (!strcmp(w[0], "keys"))
		return counted(sdp_strip_keys(sdp, media), atoi(w[2]));
	if (!strcmp(w[0], "ice"))
		return counted(sdp_strip_ice(sdp, media), atoi(w[2]));
	return -EOPNOTSUPP;
}

static int command(struct sdp *sdp, char **w, int n)
{
	unsigned int media = SDP_EVERY;
	int err;

	if (!strcmp(w[0], "check"))
		return sdp_check(sdp);
	if (!strcmp(w[0], "bundle"))
		return counted(sdp_strip_bundle(sdp), atoi(w[1]));
	if (!strcmp(w[0], "version"))
		return sdp_add_version(sdp, strtoul(w[1], NULL, 10));
	if (strcmp(w[1], "*"))
		media = atoi(w[1]);
	err = edit_line(sdp, w, n, media);
	return err == -EOPNOTSUPP ? edit_attr(sdp, w, n, media) : err;
}

/* Runs the commands on a description; "json" as the last one queries. */
static int commands(struct sdp_text body, char **w, int n, char *out,
		    size_t size)
{
	struct sdp *sdp = malloc(sizeof(*sdp));
	int i, from = 0, result;

	result = sdp_parse(sdp, body.at, body.len);
	for (i = 0; !result && i <= n; i++) {
		if (i < n && strcmp(w[i], ";"))
			continue;
		if (i > from && strcmp(w[from], "json"))
			result = command(sdp, w + from, i - from);
		from = i + 1;
	}
	if (!result && n && !strcmp(w[n - 1], "json"))
		result = show(sdp, out, size);
	else if (!result)
		result = sdp_write(sdp, out, size);
	sdp_wipe(sdp);
	free(sdp);
	return result;
}

static bool is_bad(struct sdp_text part)
{
	return part.len && memmem(part.at, part.len, "secret", 6);
}

/* "body TYPE ; commands" runs them on the description inside a body. */
static int run(struct sdp_text body, char **w, int n, char *out, size_t size)
{
	struct body_part part;
	char *inner;
	int result;

	if (n == 2 && !strcmp(w[0], "without"))
		return body_without(sdp_text_of(w[1]), body, is_bad, out, size);
	if (!n || strcmp(w[0], "body"))
		return commands(body, w, n, out, size);
	result = body_find_sdp(sdp_text_of(w[1]), body, &part);
	if (result)
		return result;
	inner = malloc(size);
	result = commands((struct sdp_text){ body.at + part.at, part.len },
			  w + 2, n - 2, inner, size);
	if (result >= 0)
		result = body_replace(body, &part,
				      (struct sdp_text){ inner, result }, out,
				      size);
	free(inner);
	return result;
}

static int split(char *line, char **w)
{
	int n = 0;

	for (line = strtok(line, "\t\n"); line && n < WORDS_MAX;
	     line = strtok(NULL, "\t\n"))
		w[n++] = line;
	return n;
}

int main(void)
{
	static char line[65536], out[1 << 22];
	char *w[WORDS_MAX], *body;
	int n, result;
	size_t len;

	while (fgets(line, sizeof(line), stdin)) {
		n = split(line, w);
		len = strtoul(w[0], NULL, 10);
		/* Exactly as large, so that reading past it is noticed. */
		body = malloc(len);
		if (len && fread(body, 1, len, stdin) != len)
			return 125;
		result = run((struct sdp_text){ body, len }, w + 1, n - 1, out,
			     sizeof(out));
		printf("%d %d\n", result < 0 ? result : 0,
		       result < 0 ? 0 : result);
		if (result > 0)
			fwrite(out, 1, result, stdout);
		fflush(stdout);
		free(body);
	}
	return 0;
}
