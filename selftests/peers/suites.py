# SPDX-License-Identifier: GPL-2.0
"""The SRTP suites by their SDES names: RFC 4568, RFC 6188, RFC 7714."""
import collections
import os

Suite = collections.namedtuple('Suite', 'cipher key salt rtp_tag rtcp_tag')

SUITES = {
    'AES_CM_128_HMAC_SHA1_80': Suite('ctr', 16, 14, 10, 10),
    'AES_CM_128_HMAC_SHA1_32': Suite('ctr', 16, 14, 4, 10),
    'AES_192_CM_HMAC_SHA1_80': Suite('ctr', 24, 14, 10, 10),
    'AES_192_CM_HMAC_SHA1_32': Suite('ctr', 24, 14, 4, 10),
    'AES_256_CM_HMAC_SHA1_80': Suite('ctr', 32, 14, 10, 10),
    'AES_256_CM_HMAC_SHA1_32': Suite('ctr', 32, 14, 4, 10),
    'AEAD_AES_128_GCM': Suite('gcm', 16, 12, 16, 16),
    'AEAD_AES_256_GCM': Suite('gcm', 32, 12, 16, 16),
    'NULL_HMAC_SHA1_80': Suite('null', 16, 14, 10, 10),
    'NULL_HMAC_SHA1_32': Suite('null', 16, 14, 4, 10),
}

# In the order of the numbers of the netlink enum.
ENCRYPTING = [name for name, suite in SUITES.items() if suite.cipher != 'null']


def number(name):
    """The suite's number in the netlink family."""
    return list(SUITES).index(name) + 1


def fresh_key(name):
    """A random master key and salt."""
    suite = SUITES[name]
    return os.urandom(suite.key), os.urandom(suite.salt)
