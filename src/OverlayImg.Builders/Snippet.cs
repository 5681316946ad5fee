using System.Text;
using OverlayImg.Layers;
using OverlayImg.Layers.Ready;

namespace OverlayImg.Builders;

/// <summary>A piece of bash code to put into a script that runs as root in an image.</summary>
/// <param name="Name">The name on the command line.</param>
/// <param name="Summary">What the snippet adds to the image, in a few words.</param>
/// <param name="Setting">The setting with the same effect without a script.</param>
/// <param name="Read">Returns the bash code.</param>
public sealed record Snippet(string Name, string Summary, Setting Setting, Func<string> Read)
{
    /// <summary>All snippets.</summary>
    public static IReadOnlyList<Snippet> All { get; } =
    [
        new("shadow-setup", "the files that useradd and groupadd need", BuilderSetting.ShadowSetup, () => Resource("shadow-setup")),
        new("fake-nss", "accounts for root and nobody", LayerSetting.FakeNss, FakeNssText),
        new("bin-sh", "/bin/sh as a link to the image's bash, dash or busybox", LayerSetting.BinSh, () => Resource("bin-sh")),
        new("usr-bin-env", "/usr/bin/env as a link to the image's env", LayerSetting.UsrBinEnv, () => Resource("usr-bin-env")),
        new("ca-certificates", "this machine's CA certificates, in the text", LayerSetting.CaCertificates, CertificatesText),
    ];

    /// <summary>The snippet of a name; null if there is none.</summary>
    public static Snippet? Find(string name) => All.FirstOrDefault(snippet => snippet.Name == name);

    // The #! line is removed, because it would be a misleading comment in the middle of a script.
    private static string Resource(string name)
    {
        using var stream = typeof(Snippet).Assembly.GetManifestResourceStream($"snippets/{name}")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var text = reader.ReadToEnd();
        return text.StartsWith("#!", StringComparison.Ordinal) ? text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..] : text;
    }

    private static string FakeNssText()
    {
        var text = new StringBuilder("# Accounts for programs that ask who they are, each file only where the image has none of its own.\n");
        text.Append("mkdir -p /etc\n");
        AppendFile(text, "/etc/passwd", FakeNss.Passwd);
        AppendFile(text, "/etc/group", FakeNss.Group);
        AppendFile(text, "/etc/nsswitch.conf", FakeNss.NameServiceSwitch);
        return text.Append("[ -e /var/empty ] || { mkdir -p /var/empty && chmod 555 /var/empty; }\n").ToString();
    }

    private static string CertificatesText()
    {
        var content = CertificateBundle.Read();
        var bundle = new byte[content.Length];
        content.Read(0, bundle);
        var file = "/" + CertificateBundle.Path;
        var text = new StringBuilder("# CA certificates of the machine that printed this, where programs look for them.\n");
        text.Append($"mkdir -p {Path.GetDirectoryName(file)}\n");
        AppendFile(text, file, [.. bundle.AsSpan().TrimEnd((byte)'\n'), (byte)'\n']);
        foreach (var (path, target) in CertificateBundle.Links)
        {
            text.Append($"[ -e /{path} ] || {{ mkdir -p /{Path.GetDirectoryName(path)} && ln -s {target} /{path}; }}\n");
        }

        return text.ToString();
    }

    private static void AppendFile(StringBuilder text, string path, ReadOnlySpan<byte> content) =>
        text.Append($"[ -e {path} ] || cat >{path} <<'OVERLAYIMG'\n{Encoding.UTF8.GetString(content)}OVERLAYIMG\n");
}
