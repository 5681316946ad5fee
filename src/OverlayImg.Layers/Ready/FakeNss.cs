namespace OverlayImg.Layers.Ready;

/// <summary>The text of dockerTools' fakeNss: enough of accounts for programs that ask who they are (spec dockertools, 1.15 and 3).</summary>
internal static class FakeNss
{
    /// <summary><c>/etc/passwd</c>.</summary>
    public static ReadOnlySpan<byte> Passwd => "root:x:0:0:root user:/var/empty:/bin/sh\nnobody:x:65534:65534:nobody:/var/empty:/bin/sh\n"u8;

    /// <summary><c>/etc/group</c>.</summary>
    public static ReadOnlySpan<byte> Group => "root:x:0:\nnobody:x:65534:\n"u8;

    /// <summary><c>/etc/nsswitch.conf</c>: without it glibc's resolver may pass <c>/etc/hosts</c> by.</summary>
    public static ReadOnlySpan<byte> NameServiceSwitch => "hosts: files dns\n"u8;
}
