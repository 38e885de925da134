#include <fmt/format.h>

#include "documents.h"

namespace command_documents {
namespace {

// What stands in the page's text; each line of it is one there.
std::string troff(const std::string& text) {
  std::string escaped = replace_all(replace_all(text, "\\", "\\e"), "-", "\\-");
  escaped = replace_all(replace_all(escaped, "\n.", "\n\\&."), "\n'", "\n\\&'");
  if (escaped.starts_with('.') || escaped.starts_with('\'')) escaped.insert(0, "\\&");
  return escaped;
}

// Lines after the first are a table of their own.
std::string paragraph(const std::string& help) {
  std::string text = troff(help);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const auto table = text.find('\n');
  if (table == std::string::npos) return text + "\n";
  return text.substr(0, table) + "\n.nf\n" + text.substr(table + 1) + "\n.fi\n";
}

std::string option_text(const command::CommandOption& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.names) {
    names.push_back((option.is_positional ? "\\fI" : "\\fB") + troff(name) + "\\fR");
  }
  std::string text = ".TP\n" + join(names, ", ");
  if (wants_value(option)) {
    text += option.choices.empty() ? " \\fI" + troff(option.value) + "\\fR"
                                   : " \\fB" + troff(join(option.choices, "|")) + "\\fR";
  }
  text += "\n" + paragraph(option.help);
  if (!option.default_value.empty()) {
    text += fmt::format(".br\nDefault: \\fB{}\\fR\n", troff(option.default_value));
  }
  return text;
}

std::string options_text(const command::CommandTree& command) {
  std::string text;
  for (const auto& option : command.options) text += option_text(option);
  return text;
}

constexpr std::string_view kEnd = R"(.SH EXIT STATUS
.TP
.B 0
it was ended by SIGTERM or SIGINT; a command has done what it was asked for
.TP
.B 1
it could not start, or a command failed; the reason is on stderr.
\fBdoctor\fR: something can't be watched
.TP
.B other
the arguments can't be understood
.SH SIGNALS
.TP
.BR SIGTERM ", " SIGINT
detach everything and end
.TP
.B SIGHUP
read the configuration of the web server anew
.SH ENVIRONMENT
.TP
.BR NOTIFY_SOCKET ", " WATCHDOG_USEC
where a service manager listens, and how long it waits for a sign of life; see
.BR sd_notify (3)
.SH FILES
.TP
.I /etc/default/valkyria\-exporter
options of the services, as \fBOPTIONS="..."\fR
.TP
.I /var/cache/valkyria_exporter
what was found out about executables; safe to delete
.SH EXAMPLES
.TP
.B valkyria_exporter
watch every process that can be watched, and serve on http://127.0.0.1:18255/metrics
.TP
.B valkyria_exporter doctor
say what on this machine is in the way, and what to do
.TP
.B systemctl enable \-\-now valkyria\-exporter@myapp
watch only the processes of \fImyapp.service\fR
.SH SEE ALSO
.BR systemctl (1),
.BR systemd.service (5),
.BR proc (5),
.BR capabilities (7)
)";

}  // namespace

std::string write_manual(const command::CommandTree& program) {
  const std::string name = troff(program.name);
  std::string page = fmt::format(
      ".\\\" Made from what parses the arguments.\n"
      ".TH VALKYRIA_EXPORTER 1 \"\" \"valkyria_exporter {0}\" \"User Commands\"\n"
      ".nh\n.ad l\n"
      ".SH NAME\n{1} \\- metrics of running Valkyria processes, for Prometheus\n"
      ".SH SYNOPSIS\n.B {1}\n.RB [ serve ]\n.RI [ option ...]\n",
      VALKYRIA_VERSION, name);
  std::string commands;
  for (const auto& command : program.commands) {
    if (command.options.size() <= 1) {  // it has those of the program
      commands += fmt::format(".SS {}\n{}", troff(command.name), paragraph(command.help));
      continue;
    }
    page += fmt::format(".br\n.B {} {}\n.RI [ option ...]\n", name, troff(command.name));
    commands += fmt::format(".SS {}\n{}", troff(command.name), paragraph(command.help)) +
                options_text(command);
  }
  return page + ".SH DESCRIPTION\n" + paragraph(program.help) +
         ".PP\nIt attaches probes to them by eBPF and reads what they count from their memory; "
         "nothing runs\ninside of them, and nothing is written to them.\n"
         ".SH OPTIONS\n" +
         options_text(program) + ".SH COMMANDS\n" + commands + std::string(kEnd);
}

}  // namespace command_documents
