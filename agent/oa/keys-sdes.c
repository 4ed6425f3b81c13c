// SPDX-License-Identifier: GPL-2.0
/* Keys of the access leg by a=crypto (RFC 4568) with a=3ge2ae (3GPP TS 33.328). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "inner.h"

/**
 * oa_bench_value() - put one more attribute value on the bench, as a string
 * @text: the value
 * @n: values there are, counted up
 *
 * Return: 0; -E2BIG if there are too many or they are too long.
 */
int oa_bench_value(struct sdp_text text, size_t *n)
{
	struct oa_bench *bench = oa_bench();

	if (*n == E2AE_SDES_MAX_LINES ||
	    text.len >= sizeof(bench->text) - bench->text_used)
		return -E2BIG;
	bench->value[(*n)++] = bench->text + bench->text_used;
	if (text.len)
		memcpy(bench->text + bench->text_used, text.at, text.len);
	bench->text_used += text.len;
	bench->text[bench->text_used++] = '\0';
	return 0;
}

/**
 * oa_bench_rewind() - take values off the bench
 * @mark: octets used before them
 */
void oa_bench_rewind(size_t mark)
{
	struct oa_bench *bench = oa_bench();

	OPENSSL_cleanse(bench->text + mark, bench->text_used - mark);
	bench->text_used = mark;
}

/* All a=crypto of an m-line onto the bench. */
static int read_values(const struct sdp *sdp, unsigned int i, size_t *n)
{
	struct sdp_attr attr = SDP_FIRST;
	int err = 0;

	*n = 0;
	while (!err && sdp_attr_next(sdp, i, "crypto", &attr))
		err = oa_bench_value(attr.value, n);
	return err;
}

/*
 * Of a line with several keys its sender may use any at any time, and a stream
 * receives with one: such lines are passed over.
 */
static size_t drop_many_keys(size_t n)
{
	struct oa_bench *bench = oa_bench();
	struct e2ae_sdes_line *line = &bench->crypto[0];
	size_t i, kept = 0;

	for (i = 0; i < n; i++) {
		if (e2ae_sdes_parse(bench->value[i], line) || line->n_keys > 1)
			continue;
		bench->value[kept++] = bench->value[i];
	}
	e2ae_sdes_wipe(line);
	return kept;
}

/**
 * oa_sdes_take_offer() - accept one crypto line of the UE's offer
 * @step: the offer
 * @i: the m-line
 * @line: gets the UE's key
 *
 * Return: 0; -ENOENT if none can be accepted; another negative errno with the
 * verdict.
 */
int oa_sdes_take_offer(struct oa_step *step, unsigned int i,
		       struct oa_offered *line)
{
	const struct policy *policy = step->oa->terms.policy;
	const struct oa_media *base = oa_base(step, i);
	struct oa_bench *bench = oa_bench();
	struct e2ae_sdes_line *chosen = &bench->crypto[0];
	size_t n;
	int err;

	err = read_values(step->sdp, i, &n);
	if (err)
		return -ENOENT;
	n = drop_many_keys(n);
	err = e2ae_sdes_choose(bench->value, n, policy->suites,
			       policy->n_suites, chosen);
	if (err < 0)
		return -ENOENT;
	line->media.how = OA_SDES;
	line->media.in = chosen->key[0];
	line->media.tag = chosen->tag;
	line->media.window = chosen->window;
	line->media.ssrc = 0;
	e2ae_sdes_wipe(chosen);
	if (base && oa_is_srtp(base->how) &&
	    e2ae_srtp_key_equal(&base->out, &line->media.in))
		return oa_no(step->no, OA_WHY_CRYPTO_ECHO);
	return 0;
}

/**
 * oa_sdes_own_key() - what we send with, in the answer to the UE
 * @step: the answer
 * @i: the m-line
 * @made: as it will be agreed on; gets the key
 *
 * Our address does not change while the anchor is the same, so the key of this
 * dialog goes on. Every fork has its own.
 *
 * Return: 0, or an error of the source of random octets.
 */
int oa_sdes_own_key(const struct oa_step *step, unsigned int i,
		    struct oa_media *made)
{
	const struct oa_media *base = oa_base(step, i);

	if (base && base->how == OA_SDES && base->anchor == made->anchor &&
	    base->out.suite == made->in.suite) {
		made->out = base->out;
		return 0;
	}
	return e2ae_srtp_key_make(&made->out, made->in.suite,
				  step->oa->world->entropy);
}

static int put_line(struct oa_step *step, unsigned int i, uint32_t tag,
		    const struct e2ae_srtp_key *key)
{
	struct e2ae_sdes_line *line = &oa_bench()->crypto[0];
	char value[E2AE_SDES_ROOM + 3 * E2AE_MAX_MKI];
	int len;

	memset(line, 0, sizeof(*line));
	line->tag = tag;
	line->n_keys = 1;
	line->key[0] = *key;
	len = e2ae_sdes_write(line, value, sizeof(value));
	if (len >= 0)
		len = sdp_add(step->sdp, i, "crypto",
			      (struct sdp_text){ value, (size_t)len });
	e2ae_sdes_wipe(line);
	OPENSSL_cleanse(value, sizeof(value));
	return len;
}

static int put_applied(struct sdp *sdp, unsigned int i)
{
	return sdp_add(sdp, i, "3ge2ae", sdp_text_of("applied"));
}

/**
 * oa_sdes_put_answer() - our crypto line of the answer to the UE
 * @step: the answer
 * @i: the m-line
 * @made: as it will be agreed on
 *
 * Return: 0 or a negative errno.
 */
int oa_sdes_put_answer(struct oa_step *step, unsigned int i,
		       struct oa_media *made)
{
	int err = put_line(step, i, made->tag, &made->out);

	return err ? err : put_applied(step->sdp, i);
}

/* The key that goes on, alone; else one of every suite of policy. */
static int make_own(struct oa_step *step, unsigned int i,
		    struct oa_offered *line)
{
	const struct policy *policy = step->oa->terms.policy;
	const struct oa_media *base = oa_base(step, i);
	size_t s;
	int err;

	line->n_own = line->fresh || base->how != OA_SDES ?
			      (unsigned int)policy->n_suites :
			      1;
	line->own = calloc(line->n_own, sizeof(line->own[0]));
	if (!line->own)
		return -ENOMEM;
	if (!line->fresh && base->how == OA_SDES) {
		line->own[0].tag = 1;
		line->own[0].key = base->out;
		return 0;
	}
	for (s = 0; s < policy->n_suites; s++) {
		line->own[s].tag = (uint32_t)s + 1;
		err = e2ae_srtp_key_make(&line->own[s].key, policy->suites[s],
					 step->oa->world->entropy);
		if (err)
			return err;
	}
	return 0;
}

/**
 * oa_sdes_put_offer() - our crypto lines of the offer to the UE
 * @step: the offer
 * @i: the m-line
 * @line: keeps the keys
 *
 * Return: 0 or a negative errno.
 */
int oa_sdes_put_offer(struct oa_step *step, unsigned int i,
		      struct oa_offered *line)
{
	unsigned int k;
	int err;

	err = make_own(step, i, line);
	for (k = 0; k < line->n_own && !err; k++)
		err = put_line(step, i, line->own[k].tag, &line->own[k].key);
	return err ? err : put_applied(step->sdp, i);
}

static int refuse(struct oa_step *step, int err)
{
	switch (err) {
	case -EBADMSG:
		return oa_no(step->no, OA_WHY_CRYPTO_COUNT);
	case -EPROTO:
		return oa_no(step->no, OA_WHY_CRYPTO_TAG);
	case -EKEYREJECTED:
		return oa_no(step->no, OA_WHY_CRYPTO_ECHO);
	default:
		return oa_no(step->no, OA_WHY_CRYPTO);
	}
}

/* Our lines of the offer, onto the bench. */
static void recall_own(const struct oa_offered *line)
{
	struct e2ae_sdes_line *to = oa_bench()->crypto;
	unsigned int k;

	for (k = 0; k < line->n_own; k++) {
		memset(&to[k], 0, sizeof(to[k]));
		to[k].tag = line->own[k].tag;
		to[k].n_keys = 1;
		to[k].key[0] = line->own[k].key;
	}
}

/**
 * oa_sdes_take_answer() - judge the UE's answer to our crypto lines
 * @step: the answer
 * @i: the m-line
 * @line: what was offered
 * @made: gets the keys
 *
 * Return: 0, or a negative errno with the verdict.
 */
int oa_sdes_take_answer(struct oa_step *step, unsigned int i,
			const struct oa_offered *line, struct oa_media *made)
{
	struct oa_bench *bench = oa_bench();
	struct e2ae_sdes_line accepted;
	struct sdp_key_mgmt key = SDP_FIRST_KEY;
	size_t n;
	int found;

	if (sdp_key_mgmt_next(step->sdp, i, &key))
		return oa_no(step->no, OA_WHY_MIXED);
	if (read_values(step->sdp, i, &n))
		return oa_no(step->no, OA_WHY_CRYPTO_COUNT);
	recall_own(line);
	found = e2ae_sdes_check_answer(bench->value, n, bench->crypto,
				       line->n_own, &accepted);
	if (found < 0)
		return refuse(step, found);
	if (accepted.n_keys == 1) {
		made->in = accepted.key[0];
		made->out = line->own[found].key;
		made->tag = accepted.tag;
		made->window = accepted.window;
		made->ssrc = 0;
	} else {
		found = oa_no(step->no, OA_WHY_CRYPTO);
	}
	e2ae_sdes_wipe(&accepted);
	return found < 0 ? found : 0;
}
