#include "support/certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <stdexcept>

namespace test {
namespace {

using Bio = base::Owned<BIO, ::BIO_free>;

void must(bool is_done, const char* step) {
  if (!is_done) throw std::runtime_error(std::string("make a certificate: ") + step);
}

void add_extension(X509& certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, &certificate, nullptr, nullptr, 0);
  const base::Owned<X509_EXTENSION, ::X509_EXTENSION_free> extension(
      ::X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  must(extension && ::X509_add_ext(&certificate, extension.get(), -1) == 1, value.c_str());
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long bytes = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(bytes)};
}

}  // namespace

MadeCertificate make_certificate(const CertificateWishes& wishes) {
  static std::atomic<long> serial{1};
  MadeCertificate made{CertificateOwner(::X509_new()), KeyOwner(::EVP_EC_gen("P-256"))};
  must(made.certificate && made.key, "a key");
  X509* const certificate = made.certificate.get();
  X509* const issuer = wishes.issuer == nullptr ? certificate : wishes.issuer->certificate.get();
  EVP_PKEY* const signing = wishes.issuer == nullptr ? made.key.get() : wishes.issuer->key.get();
  ::X509_set_version(certificate, X509_VERSION_3);
  ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate), serial++);
  ::X509_gmtime_adj(X509_getm_notBefore(certificate), wishes.valid_from_s);
  ::X509_gmtime_adj(X509_getm_notAfter(certificate), wishes.valid_until_s);
  ::X509_set_pubkey(certificate, made.key.get());
  ::X509_NAME_add_entry_by_txt(::X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(wishes.name.c_str()), -1, -1,
                               0);
  ::X509_set_issuer_name(certificate, ::X509_get_subject_name(issuer));
  add_extension(*certificate, issuer, NID_basic_constraints,
                wishes.is_authority ? "critical,CA:TRUE" : "CA:FALSE");
  if (!wishes.sans.empty()) add_extension(*certificate, issuer, NID_subject_alt_name, wishes.sans);
  must(::X509_sign(certificate, signing, ::EVP_sha256()) > 0, "its signature");
  return made;
}

std::string certificate_pem(const MadeCertificate& made) {
  const Bio bio(::BIO_new(::BIO_s_mem()));
  must(::PEM_write_bio_X509(bio.get(), made.certificate.get()) == 1, "its text");
  return text_of(bio.get());
}

std::string key_pem(const MadeCertificate& made) {
  const Bio bio(::BIO_new(::BIO_s_mem()));
  must(::PEM_write_bio_PrivateKey(bio.get(), made.key.get(), nullptr, nullptr, 0, nullptr,
                                  nullptr) == 1,
       "the text of its key");
  return text_of(bio.get());
}

}  // namespace test
