#include "http/tls_context.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <ctime>
#include <limits>
#include <string_view>

#include "base/owned.h"

namespace http {
namespace {

using webconfig::ClientAuth;
using Bio = base::Owned<BIO, ::BIO_free>;
using Certificate = base::Owned<X509, ::X509_free>;
using PrivateKey = base::Owned<EVP_PKEY, ::EVP_PKEY_free>;
using GeneralNames = base::Owned<GENERAL_NAMES, ::GENERAL_NAMES_free>;

// Where the configuration names none: what is both fast and forward secret.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr unsigned char kProtocols[] = "\x08http/1.1";

// What OpenSSL says of its last failure.
std::string why() {
  const unsigned long code = ::ERR_peek_last_error();
  const char* const reason = code == 0 ? nullptr : ::ERR_reason_error_string(code);
  ::ERR_clear_error();
  return reason == nullptr ? "OpenSSL does not say why" : reason;
}

std::string name_of(const webconfig::Pem& pem, const char* key) {
  return pem.file.empty() ? std::string(key) + " in the configuration" : pem.file;
}

Bio bio_of(const webconfig::Pem& pem) {
  constexpr std::size_t kMax = std::numeric_limits<int>::max();
  return Bio(::BIO_new_mem_buf(pem.text.data(), static_cast<int>(std::min(pem.text.size(), kMax))));
}

// Nobody is here to be asked.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

// `deed` is what they are for. One that is cut or damaged fails them all: a file may be half
// written.
base::Result<std::vector<Certificate>> certificates_of(const webconfig::Pem& pem, const char* key,
                                                       std::string_view deed) {
  std::vector<Certificate> all;
  const Bio bio = bio_of(pem);
  ::ERR_clear_error();
  while (X509* one = ::PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)) {
    all.emplace_back(one);
  }
  const bool is_at_end = ERR_GET_REASON(::ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!is_at_end) {
    return base::fail("use {} {}: certificate number {} in it is damaged: {}", deed,
                      name_of(pem, key), all.size() + 1, why());
  }
  ::ERR_clear_error();
  if (all.empty()) {
    return base::fail("use {} {}: no certificate in PEM form in it", deed, name_of(pem, key));
  }
  return all;
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_bytes,
                    const unsigned char* offered, unsigned int offered_bytes, void*) {
  unsigned char* found = nullptr;
  const int answer = ::SSL_select_next_proto(&found, chosen_bytes, kProtocols,
                                             sizeof kProtocols - 1, offered, offered_bytes);
  if (answer != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

int version_of(webconfig::TlsVersion version) {
  switch (version) {
    case webconfig::TlsVersion::kTls12:
      return TLS1_2_VERSION;
    case webconfig::TlsVersion::kTls13:
      return TLS1_3_VERSION;
  }
  return TLS1_3_VERSION;
}

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ":") + name;
  return all;
}

std::string text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(::ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(::ASN1_STRING_length(text))};
}

std::string text_of_address(const ASN1_OCTET_STRING* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = ::ASN1_STRING_length(address) == 4 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && ::ASN1_STRING_length(address) != 16) return "";
  ::inet_ntop(family, ::ASN1_STRING_get0_data(address), text.data(), text.size());
  return text.data();
}

// As the configuration would have it; empty: of a kind that is not asked for.
std::string text_of(const GENERAL_NAME& name) {
  switch (name.type) {
    case GEN_DNS:
      return text_of(name.d.dNSName);
    case GEN_EMAIL:
      return text_of(name.d.rfc822Name);
    case GEN_URI:
      return text_of(name.d.uniformResourceIdentifier);
    case GEN_IPADD:
      return text_of_address(name.d.iPAddress);
    default:
      return "";
  }
}

}  // namespace

void TlsContext::FreeContext::operator()(ssl_ctx_st* context) const {
  ::SSL_CTX_free(context);
}

void TlsContext::FreeSession::operator()(ssl_st* session) const {
  ::SSL_free(session);
}

base::Result<std::shared_ptr<const TlsContext>> TlsContext::create(
    const webconfig::TlsConfig& config) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets as to files
  ::ERR_clear_error();
  std::shared_ptr<TlsContext> made(new TlsContext);
  made->context_.reset(::SSL_CTX_new(::TLS_server_method()));
  SSL_CTX* const context = made->context_.get();
  if (context == nullptr) return base::fail("make a TLS context: {}", why());
  ::SSL_CTX_set_min_proto_version(context, version_of(config.min_version));
  ::SSL_CTX_set_max_proto_version(context, version_of(config.max_version));
  ::SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_num_tickets(context, 0);
  // What can't be sent at once is kept by the connection, which may move it meanwhile; who is idle
  // costs no buffers.
  ::SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
  // After a record that carries nothing, others have their turn.
  ::SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
  ::SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  if (auto taken = made->take_certificate(config.certificate, config.key); !taken) {
    return base::pass_on(taken);
  }
  if (auto taken = made->take_client_auth(config); !taken) return base::pass_on(taken);
  if (auto taken = made->take_ciphers(config); !taken) return base::pass_on(taken);
  return std::shared_ptr<const TlsContext>(std::move(made));
}

base::Result<void> TlsContext::take_certificate(const webconfig::Pem& certificate,
                                                const webconfig::Pem& key) {
  const auto read = certificates_of(certificate, "cert", "certificate");
  if (!read) return base::pass_on(read);
  const std::vector<Certificate>& chain = *read;
  if (::SSL_CTX_use_certificate(context_.get(), chain.front().get()) != 1) {
    return base::fail("use certificate {}: {}", name_of(certificate, "cert"), why());
  }
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (::SSL_CTX_add1_chain_cert(context_.get(), chain[i].get()) != 1) {
      return base::fail("use certificate {}, number {} of its chain: {}",
                        name_of(certificate, "cert"), i + 1, why());
    }
  }
  const PrivateKey private_key(
      ::PEM_read_bio_PrivateKey(bio_of(key).get(), nullptr, no_passphrase, nullptr));
  if (!private_key) {
    return base::fail("use key {}: no key in PEM form in it, without a passphrase ({})",
                      name_of(key, "key"), why());
  }
  if (::SSL_CTX_use_PrivateKey(context_.get(), private_key.get()) != 1 ||
      ::SSL_CTX_check_private_key(context_.get()) != 1) {
    return base::fail("use key {}: it does not belong to the certificate {}: {}",
                      name_of(key, "key"), name_of(certificate, "cert"), why());
  }
  std::tm until{};
  if (::ASN1_TIME_to_tm(::X509_get0_notAfter(chain.front().get()), &until) != 1) {
    return base::fail("use certificate {}: no time in it until which it holds",
                      name_of(certificate, "cert"));
  }
  not_after_unix_s_ = ::timegm(&until);
  return {};
}

base::Result<void> TlsContext::take_client_auth(const webconfig::TlsConfig& config) {
  allowed_sans_ = config.client_allowed_sans;
  const auto accept_any = [](X509_STORE_CTX*, void*) { return 1; };
  SSL_CTX* const context = context_.get();
  switch (config.client_auth) {
    case ClientAuth::kNone:
      ::SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
      return {};
    case ClientAuth::kRequest:
      ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
      ::SSL_CTX_set_cert_verify_callback(context, accept_any, nullptr);
      return {};
    case ClientAuth::kRequireAny:
      ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
      ::SSL_CTX_set_cert_verify_callback(context, accept_any, nullptr);
      return {};
    case ClientAuth::kVerifyIfGiven:
      ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
      break;
    case ClientAuth::kRequireAndVerify:
      ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
      verifies_everybody_ = true;
      break;
  }
  verifies_ = true;
  ::SSL_CTX_set_cert_verify_callback(context, &TlsContext::verify, this);
  const auto authorities = certificates_of(config.client_ca, "client_ca", "client_ca_file");
  if (!authorities) return base::pass_on(authorities);
  X509_STORE* const store = ::SSL_CTX_get_cert_store(context);
  // Each of them is trusted by itself, as Go has it: it need not be one that signed itself.
  ::X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  for (const Certificate& authority : *authorities) {
    if (::X509_STORE_add_cert(store, authority.get()) != 1 ||
        ::SSL_CTX_add_client_CA(context, authority.get()) != 1) {
      return base::fail("use client_ca_file {}: {}", name_of(config.client_ca, "client_ca"), why());
    }
  }
  return {};
}

base::Result<void> TlsContext::take_ciphers(const webconfig::TlsConfig& config) {
  SSL_CTX* const context = context_.get();
  const std::string ciphers =
      config.cipher_suites.empty() ? kCiphers : joined(config.cipher_suites);
  if (::SSL_CTX_set_cipher_list(context, ciphers.c_str()) != 1) {
    return base::fail("use cipher_suites {}: {}", ciphers, why());
  }
  if (config.prefers_own_ciphers) {
    ::SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
  }
  if (config.curves.empty()) return {};
  const std::string curves = joined(config.curves);
  if (::SSL_CTX_set1_groups_list(context, curves.c_str()) != 1) {
    return base::fail("use curve_preferences {}: {}", curves, why());
  }
  return {};
}

TlsContext::Session TlsContext::new_session(int socket_fd) const {
  Session session(::SSL_new(context_.get()));
  if (!session || ::SSL_set_fd(session.get(), socket_fd) != 1) {
    ::ERR_clear_error();
    return nullptr;
  }
  ::SSL_set_accept_state(session.get());
  return session;
}

int TlsContext::verify(X509_STORE_CTX* chain, void* self) {
  const int verified = ::X509_verify_cert(chain);
  if (verified != 1) return verified;
  if (static_cast<const TlsContext*>(self)->has_allowed_san(::X509_STORE_CTX_get0_cert(chain))) {
    return 1;
  }
  ::X509_STORE_CTX_set_error(chain, X509_V_ERR_HOSTNAME_MISMATCH);
  return 0;
}

bool TlsContext::has_allowed_san(x509_st* certificate) const {
  if (allowed_sans_.empty()) return true;
  const GeneralNames names(static_cast<GENERAL_NAMES*>(
      ::X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const std::string name = text_of(*sk_GENERAL_NAME_value(names.get(), i));
    if (name.empty()) continue;
    if (std::find(allowed_sans_.begin(), allowed_sans_.end(), name) != allowed_sans_.end()) {
      return true;
    }
  }
  return false;
}

}  // namespace http
