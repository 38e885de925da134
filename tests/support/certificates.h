// Certificates for a test, made on the spot.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "base/owned.h"

namespace test {

using CertificateOwner = base::Owned<X509, ::X509_free>;
using KeyOwner = base::Owned<EVP_PKEY, ::EVP_PKEY_free>;

// With its key; both in PEM form by certificate_pem() and key_pem().
struct MadeCertificate {
  CertificateOwner certificate;
  KeyOwner key;
};

struct CertificateWishes {
  std::string name;
  // Such as "DNS:localhost,IP:127.0.0.1"; empty: none.
  std::string sans = {};
  bool is_authority = false;
  const MadeCertificate* issuer = nullptr;  // none: signs itself
  long valid_from_s = -3'600;               // from now on
  long valid_until_s = 3'600;
};

// Throws std::runtime_error with the step that failed.
MadeCertificate make_certificate(const CertificateWishes& wishes);

std::string certificate_pem(const MadeCertificate& made);
std::string key_pem(const MadeCertificate& made);

}  // namespace test
