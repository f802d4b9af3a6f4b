#!/usr/bin/env bash
# A SLURM cluster of three nodes on this machine, for the test beside this file. Root, Debian or Ubuntu, no systemd.
#   cluster.sh install   packages, when they are not there
#   cluster.sh up        munge, MariaDB, slurmdbd, slurmctld and the nodes n1 n2 n3; partition main, account root
#   cluster.sh controller   slurmctld again, after it was killed
#   cluster.sh down      what `up` started, by the process ids it wrote down
set -euo pipefail

base=${SLURM_TEST_BASE:-/var/tmp/shidian-slurm}
nodes=3
cpus=2
host=$(hostname -s)

install_packages() {
  for program in slurmctld slurmd slurmdbd munged mariadbd; do
    command -v "$program" >/dev/null || missing=1
  done
  [ -z "${missing:-}" ] && return
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq slurm-wlm slurmdbd munge mariadb-server
}

wait_for() { # wait_for WHAT SECONDS COMMAND...
  local what=$1 seconds=$2
  shift 2
  for _ in $(seq $((seconds * 2))); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.5
  done
  echo "$what did not come up in $seconds s; see the logs in $base/log" >&2
  exit 1
}

start_munge() {
  mkdir -p /run/munge /var/log/munge /var/lib/munge
  [ -s /etc/munge/munge.key ] || head -c 1024 /dev/urandom >/etc/munge/munge.key
  chown munge:munge /etc/munge/munge.key /run/munge /var/log/munge /var/lib/munge
  chmod 400 /etc/munge/munge.key
  chmod 755 /run/munge
  munge -n >/dev/null 2>&1 && return # one is running already; it is not ours to stop
  su -s /bin/sh munge -c /usr/sbin/munged
  cp /run/munge/munged.pid "$base/run/munged.pid"
}

start_database() { # job accounting, which the executor plugin asks for the state of its jobs
  mkdir -p "$base/db"
  chown mysql:mysql "$base" "$base/db"
  [ -d "$base/db/mysql" ] || mariadb-install-db --user=mysql --datadir="$base/db" \
    --auth-root-authentication-method=normal >"$base/log/install-db.log" 2>&1
  mariadbd --no-defaults --user=mysql --datadir="$base/db" --socket="$base/db/sock" --skip-networking \
    --pid-file="$base/db/mariadbd.pid" --innodb-buffer-pool-size=64M --innodb-lock-wait-timeout=900 \
    </dev/null >"$base/log/mariadbd.log" 2>&1 &
  echo $! >"$base/run/mariadbd.pid"
  wait_for MariaDB 60 mariadb -S "$base/db/sock" -uroot -e 'select 1'
  mariadb -S "$base/db/sock" -uroot -e "create database if not exists slurm_acct_db;
    create user if not exists slurm@localhost identified by 'slurm'; grant all on slurm_acct_db.* to slurm@localhost"
}

# What ends a job that takes more memory than it asked for: a cgroup (of the first kind), or else SLURM's own count.
memory_limit() {
  if [ -d /sys/fs/cgroup/memory ]; then
    echo "TaskPlugin=task/cgroup"
  else
    echo "TaskPlugin=task/none"
    echo "JobAcctGatherFrequency=task=1"
    echo "JobAcctGatherParams=OverMemoryKill"
  fi
}

write_configuration() {
  cat >"$base/slurmdbd.conf" <<CONF
AuthType=auth/munge
DbdHost=$host
DbdPort=26819
SlurmUser=root
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm_acct_db
LogFile=$base/log/slurmdbd.log
PidFile=$base/run/slurmdbd.pid
CONF
  chmod 600 "$base/slurmdbd.conf"
  cat >"$base/slurm.conf" <<CONF
ClusterName=shidian
SlurmctldHost=$host
SlurmctldPort=26817
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
StateSaveLocation=$base/state
SlurmdSpoolDir=$base/spool/%n
SlurmctldPidFile=$base/run/slurmctld.pid
SlurmdPidFile=$base/run/slurmd-%n.pid
SlurmctldLogFile=$base/log/slurmctld.log
SlurmdLogFile=$base/log/slurmd-%n.log
ProctrackType=proctrack/linuxproc
$(memory_limit)
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
JobAcctGatherType=jobacct_gather/linux
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=$host
AccountingStoragePort=26819
MpiDefault=none
ReturnToService=2
SlurmdTimeout=15
SlurmctldTimeout=30
KillWait=5
MessageTimeout=10
SchedulerParameters=sched_interval=1,bf_interval=2
SlurmdParameters=config_overrides
CONF
  for i in $(seq $nodes); do
    echo "NodeName=n$i NodeHostname=$host NodeAddr=127.0.0.1 Port=$((26900 + i)) CPUs=$cpus RealMemory=16000" >>"$base/slurm.conf"
  done
  echo "PartitionName=main Nodes=n[1-$nodes] Default=YES MaxTime=1440 State=UP" >>"$base/slurm.conf"
  cat >"$base/cgroup.conf" <<CONF
CgroupPlugin=cgroup/v1
CgroupAutomount=no
ConstrainRAMSpace=yes
CONF
  # The executor plugin drops SLURM_* variables from its jobs, so SLURM_CONF does not reach a step inside a job.
  mkdir -p /etc/slurm
  ln -sf "$base/slurm.conf" "$base/cgroup.conf" /etc/slurm/
}

start_slurm() {
  MYSQL_UNIX_PORT=$base/db/sock SLURM_CONF=$base/slurm.conf slurmdbd -D </dev/null >"$base/log/slurmdbd.out" 2>&1 &
  echo $! >"$base/run/slurmdbd.own.pid"
  wait_for slurmdbd 30 sacctmgr -n show cluster
  sacctmgr -i add cluster shidian >/dev/null 2>&1 || true # there from an earlier run
  sacctmgr -i add account root Description=test >/dev/null 2>&1 || true
  sacctmgr -i add user root account=root >/dev/null 2>&1 || true
  slurmctld -i >"$base/log/slurmctld.out" 2>&1
  for i in $(seq $nodes); do
    mkdir -p "$base/spool/n$i"
    slurmd -N "n$i" -c >"$base/log/slurmd-n$i.out" 2>&1
  done
  wait_for "the three nodes" 60 sh -c "[ \$(sinfo -h -N -t idle -o %N | wc -l) -eq $nodes ]"
  sinfo
}

case "${1:-}" in
install)
  install_packages
  ;;
up)
  mkdir -p "$base"/{state,log,spool,run}
  write_configuration
  start_munge
  start_database
  start_slurm
  ;;
controller)
  slurmctld >"$base/log/slurmctld.out" 2>&1
  wait_for slurmctld 30 sinfo
  ;;
down)
  for name in slurmd-n1 slurmd-n2 slurmd-n3 slurmctld slurmdbd.own mariadbd munged; do
    file=$base/run/$name.pid
    [ -e "$file" ] || continue
    pid=$(cat "$file")
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 20); do kill -0 "$pid" 2>/dev/null && sleep 0.5 || break; done
    rm -f "$file"
  done
  for name in slurm.conf cgroup.conf; do
    [ "$(readlink "/etc/slurm/$name")" = "$base/$name" ] && rm -f "/etc/slurm/$name"
  done
  rm -rf "$base"
  ;;
*)
  sed -n '2,7p' "$0"
  exit 2
  ;;
esac
